import type { TuneResult } from '../../loop/result.js';
import { breakable, figure } from '../format.js';
import { type Html, html } from '../html.js';

type Knobs = TuneResult['knobs'];

/** A column head for each knob; long names break only where there are many columns. */
export const knobHeads = (knobs: Knobs): Html =>
  html`${knobs.map(({ name }) => html`<th scope="col"><code>${knobs.length > 2 ? breakable(name) : name}</code></th>`)}`;

/** A cell for each knob, rounded for reading; the exact value shows when pointed at. */
export function knobCells(knobs: Knobs, values: Readonly<Record<string, number>>): Html {
  return html`${knobs.map(({ name, unit }) => {
    const value = values[name];
    const exact = value === undefined ? 'not set' : `${value} ${unit}`;
    return html`<td data-label="${name}" title="${exact}">${figure(value, unit)}</td>`;
  })}`;
}
