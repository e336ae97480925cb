import { type Html, html, trusted } from './html.js';
import { STYLE } from './style.js';

/** What every report page has around its own: one self-contained document that loads nothing. */
export interface Page {
  readonly title: string;
  /** Beside the product's name at the top. */
  readonly subtitle: string;
  /** The content security policy, which must allow the page's own style and script and nothing else. */
  readonly policy: string;
  readonly main: Html;
  /** After `main`, in the body: scripts and data. */
  readonly tail?: Html;
}

/** A page as text. */
export const pageOf = ({ title, subtitle, policy, main, tail }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<title>Tunesmith: ${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
<h1>Tunesmith <span class="muted">${subtitle}</span></h1>
${main}</main>
${tail}</body>
</html>
`.text;
