/** A piece of HTML that is safe to put into a page as it stands. Only `html` and `trusted` make one. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in an `html` template. Text and numbers are escaped; null, undefined and false leave nothing. */
export type Part = string | number | Html | readonly Part[] | null | undefined | false;

/** HTML from a template: everything put in is escaped unless it is `Html` already. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((page, text, i) => page + toText(parts[i - 1]) + text));
}

/** Marks text of our own (style, script) as HTML. Never call it with anything measured, proposed or typed. */
export const trusted = (text: string): Html => new Html(text);

/** Control characters, and those that turn the direction of the text around them: shown as U+FFFD, never obeyed. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * JSON for a `<script type="application/json">` block: `<`, `>`, `&`, separators and unseen characters are written as
 * escapes, so no content can end the block, and `JSON.parse` gives back the very value.
 */
export function jsonForScript(value: unknown): Html {
  const unicode = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return new Html(
    JSON.stringify(value)
      .replace(/[<>&\u2028\u2029]/g, unicode)
      .replace(UNSEEN, unicode),
  );
}

function toText(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(toText).join('');
  return escapeHtml(String(part));
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  const seen = text.replace(UNSEEN, (char) => (char === '\n' || char === '\t' ? char : '\ufffd'));
  return seen.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
