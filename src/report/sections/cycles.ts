import type { Cycle, TuneResult } from '../../loop/result.js';
import { signedPercent } from '../../units.js';
import { glyph } from '../charts/marks.js';
import { gainOf, judge } from '../facts.js';
import { clip, figure } from '../format.js';
import { type Html, html } from '../html.js';
import { knobCells, knobHeads } from './knob-cells.js';

/** Every cycle with its values, figure, outcome, and in words why it was proposed and what was decided. */
export function cyclesSection(result: TuneResult, id: string): Html {
  const { knobs, cycles, objective } = result;
  const start = cycles.find(({ outcome }) => outcome === 'default')?.objective ?? null;
  const row = (cycle: Cycle): Html => {
    const gain = cycle.outcome === 'default' ? null : gainOf(result, start, cycle.objective);
    return html`<tr id="${id}-c${cycle.cycle}"><th scope="row">${cycle.cycle}</th>
<td class="outcome"><span>${glyph(cycle.outcome)}${cycle.outcome}</span></td>
${knobCells(knobs, cycle.values)}<td data-label="objective">${figure(cycle.objective, objective.unit)}</td>
<td data-label="gain" class="${judge(gain)}">${signedPercent(gain)}</td>
<td class="why">${cycle.reason !== '' && html`<p>${clip(cycle.reason)}</p>`}${
      cycle.note !== '' && html`<p class="muted">${clip(cycle.note)}</p>`
    }</td></tr>
`;
  };
  return html`<section><h3>Cycles and reasons</h3>
<div class="scroll" tabindex="0" role="region" aria-label="cycles and reasons"><table class="cards cycles">
<thead><tr><th scope="col">cycle</th><th scope="col" class="outcome">outcome</th>
${knobHeads(knobs)}
<th scope="col">objective</th><th scope="col">gain</th><th scope="col" class="why">why proposed, and what was decided</th></tr></thead>
<tbody>${cycles.map(row)}</tbody></table></div></section>
`;
}
