import type { TuneResult } from '../../loop/result.js';
import { cumulative } from '../charts/cumulative.js';
import { type Curve, distributionChart } from '../charts/distribution.js';
import { knobChart } from '../charts/knobs.js';
import { lineGlyph, outcomeLegend } from '../charts/marks.js';
import { objectiveChart } from '../charts/objective.js';
import { beforeAfter, type Figures } from '../facts.js';
import { breakable } from '../format.js';
import { type Html, html } from '../html.js';

/** How the run went, cycle by cycle: the objective, and below it on the same axis each knob. */
export function progressSection(result: TuneResult, id: string): Html {
  const { metric, direction } = result.objective;
  if (result.cycles.length === 0)
    return html`<section><h3>Objective per cycle</h3><p>No cycle ran.</p></section>`;
  return html`<section><h3>Objective per cycle <span class="muted"><code>${breakable(metric)}</code>, ${direction} is better</span></h3>
${outcomeLegend(result.cycles)}${objectiveChart(result, id)}</section>
<section><h3>Knob values per cycle</h3>
${result.knobs.map(
  (
    knob,
  ) => html`<h4><code>${breakable(knob.name)}</code>${knob.scale === 'log' && html` <span class="muted">log scale</span>`}</h4>
${knobChart(result, knob)}`,
)}</section>
`;
}

/** Latency before and after as cumulative distributions, the objective's own family first; nothing without any. */
export function distributionSection(result: TuneResult): Html | null {
  const { before, after } = beforeAfter(result);
  const families = familiesOf(result, before, after);
  if (families.length === 0) return null;
  return html`<section><h3>Latency before and after</h3>
<ul class="legend"><li>${lineGlyph('c-before')}default</li>${
    after && html`<li>${lineGlyph('c-after')}best, cycle ${result.best.cycle}</li>`
  }</ul>
${families.map(
  (
    family,
  ) => html`<h4><code>${breakable(family)}</code> <span class="muted">share of events that took at most this long</span></h4>
${distributionChart(family, curvesOf(family, before, after))}`,
)}<p class="note">The vertical axis is stretched towards 100 % to show the tail.</p></section>
`;
}

/** At most this many families are drawn; the figures of all are in the table of metrics. */
const MOST = 4;

function familiesOf({ objective }: TuneResult, before: Figures, after: Figures | null): string[] {
  const names = [before, after].flatMap((figures) => Object.keys(figures?.measurement?.distributions ?? {}));
  const rank = (family: string): number => (objective.metric.startsWith(`${family}_`) ? -family.length : 0);
  return [...new Set(names)]
    .filter((family) => curvesOf(family, before, after).length > 0)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST);
}

function curvesOf(family: string, before: Figures, after: Figures | null): Curve[] {
  const curve = (style: Curve['style'], figures: Figures | null): Curve[] => {
    const points = cumulative(figures?.measurement?.distributions[family] ?? []);
    if (points.length === 0) return [];
    const metrics = figures?.measurement?.metrics ?? {};
    const exact = [
      [0.5, metrics[`${family}_p50_ns`]],
      [0.99, metrics[`${family}_p99_ns`]],
    ].filter(([, ns]) => ns !== undefined);
    return [{ style, points, exact: Object.fromEntries(exact) }];
  };
  return [...curve('before', before), ...curve('after', after)];
}
