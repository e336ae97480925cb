import type { Cycle } from '../../loop/result.js';
import { type Html, html } from '../html.js';
import { px } from './frame.js';

export type Outcome = Cycle['outcome'];

/** The outcomes in the order of a legend. */
export const OUTCOMES: readonly Outcome[] = ['default', 'kept', 'put back', 'breach', 'rejected'];

/** The mark of an outcome: each has a shape of its own, so that colour is never needed to tell them apart. */
export function mark(outcome: Outcome, x: number, y: number, r: number): Html {
  const [cx, cy] = [px(x), px(y)];
  switch (outcome) {
    case 'default':
      return html`<path class="m-default" d="M${px(x - r)} ${px(y - r)}h${px(2 * r)}v${px(2 * r)}h${px(-2 * r)}z"/>`;
    case 'kept':
      return html`<circle class="m-kept" cx="${cx}" cy="${cy}" r="${px(r + 0.5)}"/>`;
    case 'put back':
      return html`<circle class="m-back" cx="${cx}" cy="${cy}" r="${px(r)}"/>`;
    case 'breach': {
      const d = `M${cx} ${px(y - 1.4 * r)}L${px(x + 1.3 * r)} ${px(y + r)}H${px(x - 1.3 * r)}z`;
      return html`<path class="m-breach" d="${d}"/>`;
    }
    case 'rejected': {
      const d = `M${px(x - r)} ${px(y - r)}l${px(2 * r)} ${px(2 * r)}m0 ${px(-2 * r)}l${px(-2 * r)} ${px(2 * r)}`;
      return html`<path class="m-rejected" d="${d}"/>`;
    }
  }
}

/** The mark as a small picture to stand in a line of text. */
export const glyph = (outcome: Outcome): Html =>
  html`<svg class="glyph" viewBox="0 0 14 14" aria-hidden="true">${mark(outcome, 7, 7, 4)}</svg>`;

/** The marks that occur in these cycles, with how often. */
export function outcomeLegend(cycles: readonly Cycle[]): Html {
  const entries = OUTCOMES.map((outcome) => ({
    outcome,
    times: cycles.filter((cycle) => cycle.outcome === outcome).length,
  })).filter(({ times }) => times > 0);
  return html`<ul class="legend">${entries.map(
    ({ outcome, times }) => html`<li>${glyph(outcome)}${outcome} <span class="muted">${times}</span></li>`,
  )}<li>${lineGlyph('l-best')}best so far</li></ul>`;
}

/** A short piece of a line, for a legend. */
export const lineGlyph = (style: string): Html =>
  html`<svg class="glyph line" viewBox="0 0 24 14" aria-hidden="true"><path class="${style}" d="M1 7h22"/></svg>`;
