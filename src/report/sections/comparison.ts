import type { TuneResult } from '../../loop/result.js';
import { signedPercent } from '../../units.js';
import { beforeAfter, defaultValues, gainOf, isOracle, judge } from '../facts.js';
import { figure } from '../format.js';
import { type Html, html } from '../html.js';
import { knobCells, knobHeads } from './knob-cells.js';

interface Row {
  readonly name: string;
  readonly by: string;
  readonly values: Readonly<Record<string, number>>;
  readonly search: number | null;
  readonly referee: number | null;
  readonly trials: number | null;
}

const REFEREE = { lab: 'from a cold boot', host: 'in windows of both by turns: medians' } as const;

/** A cell that has no meaning in its row. */
const NONE = html`<td class="none">–</td>`;

/** Default, best and the rivals side by side: settings, figures, gain over the default, and what each cost. */
export function comparisonSection(result: TuneResult): Html {
  const { unit } = result.objective;
  const rows = rowsOf(result);
  const base = rows[0];
  const line = ({ name, by, values, search, referee, trials }: Row, i: number): Html => {
    const gain =
      gainOf(result, base?.referee ?? null, referee) ?? gainOf(result, base?.search ?? null, search);
    return html`<tr${i === 1 ? html` class="chosen"` : null}><th scope="row">${name} <span class="muted">${by}</span></th>
${knobCells(result.knobs, values)}<td data-label="search">${figure(search, unit)}</td><td data-label="referee">${figure(referee, unit)}</td>
${i === 0 ? NONE : html`<td data-label="gain" class="${i > 1 || result.verdict.accepted ? judge(gain) : ''}">${signedPercent(gain)}</td>`}
${trials === null ? NONE : html`<td data-label="trials">${trials}</td>`}</tr>
`;
  };
  return html`<section><h3>Against the default and other tuners</h3>
<table class="cards"><thead><tr><th scope="col">setting</th>
${knobHeads(result.knobs)}
<th scope="col">search</th><th scope="col">referee</th><th scope="col">gain</th><th scope="col">trials</th></tr></thead>
<tbody>${rows.map(line)}</tbody></table>
<p class="note">Search: measured in the tuning cycles. Referee: measured again ${REFEREE[result.target.kind]}.
Gain is over the default, by the referee where it measured both; positive is better.</p></section>
`;
}

function rowsOf(result: TuneResult): Row[] {
  const { referee, best, rivals, cycles, tuner } = result;
  const { after } = beforeAfter(result);
  const start = cycles.find(({ outcome }) => outcome === 'default')?.objective ?? null;
  return [
    {
      name: 'default',
      by: '',
      values: defaultValues(result),
      search: start,
      referee: referee?.default.objective ?? null,
      trials: null,
    },
    {
      name: 'best',
      by: after ? `by ${tuner}, cycle ${best.cycle}` : `by ${tuner}: the default`,
      values: best.values,
      search: best.objective,
      referee: referee?.best.objective ?? null,
      trials: cycles.length,
    },
    ...rivals.map((rival) => ({
      name: isOracle(rival.name) ? 'oracle' : rival.name,
      by: isOracle(rival.name) ? 'every setting of the grid' : '',
      values: rival.values,
      search: rival.objective,
      referee: rival.refereeObjective,
      trials: rival.trials,
    })),
  ];
}
