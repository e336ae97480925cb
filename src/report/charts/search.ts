import { gainOf } from '../../loop/objective.js';
import type { SynthesisResult } from '../../synthesis/result.js';
import { signedPercent } from '../../units.js';
import { type Html, html } from '../html.js';
import { candidateMark, kindOf } from './candidates.js';
import { stepPath } from './cycle-axis.js';
import { type Frame, figureOf, px, xAxis, yAxis } from './frame.js';
import { type LineLabel, lineLabels } from './labels.js';
import { linearScale } from './scale.js';

/** Losses beyond this stand at the foot of the plot: how bad a bad candidate is tells nobody anything. */
const WORST = -1;

/** The best of the repository in the stock sweep; null when none held. */
export function bestStock({
  sweep,
  case: { objective },
}: SynthesisResult): { name: string; gain: number } | null {
  const gains = sweep.policies.flatMap(({ name, score }) => {
    const gain = gainOf({ ...objective, unit: 'count' }, sweep.own.value, score.value);
    return gain === null ? [] : [{ name, gain }];
  });
  return gains.sort((a, b) => b.gain - a.gain)[0] ?? null;
}

/** Every candidate's gain over EEVDF in the order of proposal, the best so far as a step line. */
export const searchChart = (result: SynthesisResult): Html =>
  figureOf('gain over EEVDF of each candidate', 340, (frame) => draw(result, frame));

function draw(result: SynthesisResult, frame: Frame): Html {
  const { tried } = result;
  const stock = bestStock(result);
  const gains = [...tried.flatMap(({ gain }) => gain ?? []), stock?.gain ?? 0, 0];
  const [low, high] = [Math.max(WORST, Math.min(...gains)), Math.max(...gains)];
  const pad = (high - low) * 0.08 || 0.1;
  const y = linearScale([low - pad, high + pad], [frame.bottom, frame.top], 6);
  const x = linearScale([0, Math.max(1, tried.length)], [frame.left + 8, frame.right - 8], 10);
  const r = Math.min(4, Math.max(1.8, (frame.right - frame.left) / Math.max(1, tried.length) / 2));
  const best: [number, number][] = [];
  tried.forEach(({ gain }, i) => {
    if (gain !== null && gain > (best.at(-1)?.[1] ?? Number.NEGATIVE_INFINITY)) best.push([i + 1, gain]);
  });
  const labels: LineLabel[] = [{ name: 'EEVDF', value: '0 %', y: y.at(0), style: 't-default' }];
  if (stock)
    labels.push({
      name: stock.name,
      value: signedPercent(stock.gain),
      y: y.at(stock.gain),
      style: 't-oracle',
    });
  const top = best.at(-1);
  if (top) labels.push({ name: 'best', value: signedPercent(top[1]), y: y.at(top[1]), style: 't-best' });
  const level = (gain: number, style: string): Html =>
    html`<path class="${style}" d="M${frame.left} ${px(y.at(gain))}H${frame.right}"/>
`;
  return html`${yAxis(frame, y, signedPercent)}${xAxis(frame, x, String, 'candidate')}
${level(0, 'l-default')}${stock && level(stock.gain, 'l-oracle')}
<path class="l-best" d="${stepPath(
    frame,
    x,
    best.map(([at, gain]) => [at, y.at(Math.max(low, gain))]),
  )}"/>
${tried.map((one, i) => {
  const at = one.gain === null ? frame.bottom - 6 : y.at(Math.max(low, one.gain));
  const what = one.gain === null ? one.dropped : signedPercent(one.gain);
  return html`<g>${candidateMark(kindOf(result, one), x.at(i + 1), at, r)}<title>${one.id}: ${what}</title></g>
`;
})}${lineLabels(frame, labels)}`;
}
