import type { Cycle, TuneResult } from '../../loop/result.js';
import { oracleOf } from '../facts.js';
import { figure, tickLabel } from '../format.js';
import { type Html, html } from '../html.js';
import { cycleScale, markRadius, stepPath } from './cycle-axis.js';
import { type Frame, figureOf, px, xAxis, yAxis } from './frame.js';
import { type LineLabel, lineLabels } from './labels.js';
import { mark } from './marks.js';
import { linearScale, logScale, type Range, type Scale } from './scale.js';

/**
 * The objective of every cycle as a point, the best so far as a step line, default and oracle as horizontal lines.
 * Each point leads to its row in the table of cycles. A cycle without a figure stands at the foot of the plot.
 */
export function objectiveChart(result: TuneResult, id: string): Html {
  const label = `${result.objective.metric} of each cycle`;
  return figureOf(label, 340, (frame) => draw(result, id, frame));
}

function draw(result: TuneResult, id: string, frame: Frame): Html {
  const { cycles, objective } = result;
  const { unit } = objective;
  const start = cycles.find(({ outcome }) => outcome === 'default')?.objective ?? null;
  const oracle = oracleOf(result)?.objective ?? null;
  const known = [...cycles.map((cycle) => cycle.objective), start, oracle].filter((value) => value !== null);
  const x = cycleScale(frame, cycles);
  const y = valueScale(known, frame);
  const best = bestSoFar(result);
  const final = best.at(-1)?.[1] ?? null;

  const point = (cycle: Cycle): Html => {
    const height = cycle.objective === null ? frame.bottom - 9 : y.at(cycle.objective);
    const r = markRadius(frame, cycles.length, cycle.outcome);
    const what = cycle.objective === null ? 'no figure' : figure(cycle.objective, unit);
    return html`<a href="#${id}-c${cycle.cycle}" tabindex="-1">${mark(cycle.outcome, x.at(cycle.cycle), height, r)}
<title>cycle ${cycle.cycle}: ${what}, ${cycle.outcome}</title></a>
`;
  };
  const lines: LineLabel[] = [];
  const name = (label: string, value: number | null, style: string): void => {
    if (value !== null) lines.push({ name: label, value: figure(value, unit), y: y.at(value), style });
  };
  name('default', start, 't-default');
  name('oracle', oracle, 't-oracle');
  if (final !== start) name('best', final, 't-best');

  return html`${yAxis(frame, y, (tick) => tickLabel(tick, unit))}${xAxis(frame, x, String, 'cycle')}
${level(frame, y, start, 'l-default')}${level(frame, y, oracle, 'l-oracle')}
<path class="l-best" d="${stepPath(
    frame,
    x,
    best.map(([cycle, value]) => [cycle, y.at(value)]),
  )}"/>
${cycles.map(point)}${lineLabels(frame, lines)}`;
}

const level = (frame: Frame, y: Scale, value: number | null, style: string): Html | false =>
  value !== null &&
  html`<path class="${style}" d="M${frame.left} ${px(y.at(value))}H${frame.right}"/>
`;

/** `[cycle, objective]` of the default and of every kept change that improved on what was there. */
function bestSoFar({ cycles, objective }: TuneResult): (readonly [number, number])[] {
  const sign = objective.direction === 'lower' ? 1 : -1;
  const rows: (readonly [number, number])[] = [];
  for (const { cycle, objective: value, outcome } of cycles) {
    if (value === null || (outcome !== 'default' && outcome !== 'kept')) continue;
    const last = rows.at(-1);
    if (last === undefined || sign * value < sign * last[1]) rows.push([cycle, value]);
  }
  return rows;
}

/** From zero when the figures reach near it, logarithmic when they differ more than tenfold, else around them. */
function valueScale(values: readonly number[], frame: Frame): Scale {
  const pixels: Range = [frame.bottom, frame.top];
  if (values.length === 0) return { at: () => (frame.top + frame.bottom) / 2, ticks: [] };
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  if (low > 0 && high / low > 10) return logScale([low / 1.3, high * 1.15], pixels, 7);
  const pad = Math.max((high - low) * 0.12, Math.abs(high) * 0.025) || 1;
  const floor = low >= 0 && low < high * 0.4 ? 0 : low - 1.5 * pad;
  return linearScale([floor, high + pad], pixels, 6);
}
