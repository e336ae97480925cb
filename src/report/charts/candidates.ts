import type { SynthesisResult } from '../../synthesis/result.js';
import { type Html, html } from '../html.js';
import { px } from './frame.js';

export type Tried = SynthesisResult['tried'][number];
export type Kind = 'chosen' | 'genes' | 'model' | 'repository' | 'dropped';

const WORDS: Readonly<Record<Kind, string>> = {
  chosen: 'the one the folder holds',
  genes: 'of genes',
  model: 'by a model',
  repository: 'of the repository',
  dropped: 'dropped',
};

/** What a candidate is in a chart of a result. */
export const kindOf = ({ policy }: SynthesisResult, { id, by, dropped }: Tried): Kind =>
  id === policy?.candidate ? 'chosen' : dropped === undefined ? by : 'dropped';

/** A candidate's mark: a shape of its own for every kind. */
export function candidateMark(kind: Kind, x: number, y: number, r: number): Html {
  const [cx, cy] = [px(x), px(y)];
  switch (kind) {
    case 'chosen':
      return html`<circle class="m-kept" cx="${cx}" cy="${cy}" r="${px(1.5 * r)}"/>`;
    case 'genes':
      return html`<circle class="m-back" cx="${cx}" cy="${cy}" r="${px(r)}"/>`;
    case 'model':
      return html`<path class="m-breach" d="M${cx} ${px(y - 1.4 * r)}L${px(x + 1.3 * r)} ${px(y + r)}H${px(x - 1.3 * r)}z"/>`;
    case 'repository':
      return html`<path class="m-default" d="M${px(x - r)} ${px(y - r)}h${px(2 * r)}v${px(2 * r)}h${px(-2 * r)}z"/>`;
    case 'dropped':
      return html`<path class="m-rejected" d="M${px(x - r / 2)} ${px(y - r / 2)}l${px(r)} ${px(r)}m0 ${px(-r)}l${px(-r)} ${px(r)}"/>`;
  }
}

/** The kinds that occur, with how often. */
export function candidateLegend(kinds: readonly Kind[]): Html {
  const found = (Object.keys(WORDS) as Kind[])
    .map((kind) => ({ kind, times: kinds.filter((one) => one === kind).length }))
    .filter(({ times }) => times > 0);
  return html`<ul class="legend">${found.map(
    ({ kind, times }) =>
      html`<li><svg class="glyph" viewBox="0 0 14 14" aria-hidden="true">${candidateMark(kind, 7, 7, 4)}</svg>${WORDS[kind]} <span class="muted">${times}</span></li>`,
  )}</ul>`;
}
