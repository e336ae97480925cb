import type { TuneResult } from '../../loop/result.js';
import { percent } from '../../units.js';
import type { Metric } from '../../workloads/types.js';
import { beforeAfter, judge } from '../facts.js';
import { breakable, figure } from '../format.js';
import { type Html, html } from '../html.js';
import { type DescribeMetric, metricFromName } from '../metric-info.js';

/** Every metric before and after, those that are judged first. The objective heads the table. */
export function metricsSection(result: TuneResult, describe: DescribeMetric | undefined): Html | null {
  const { before, after } = beforeAfter(result);
  const [from, to] = [before.measurement?.metrics ?? {}, after?.measurement?.metrics ?? {}];
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  if (names.length === 0) return null;
  const { metric: objective, unit, direction, meaning } = result.objective;
  const info = (name: string): Metric =>
    name === objective
      ? { unit: unit as Metric['unit'], direction, meaning }
      : (describe?.(result.workload, name) ?? metricFromName(name));
  const row = (name: string): Html => {
    const metric = info(name);
    return html`<tr><th scope="row"><code>${breakable(name)}</code>${
      metric.meaning !== '' && html`<small>${metric.meaning}</small>`
    }</th><td>${figure(from[name], metric.unit)}</td>${
      after &&
      html`<td>${figure(to[name], metric.unit)}</td>
${change(from[name], to[name], metric)}`
    }</tr>
`;
  };
  const group = (title: string, members: readonly string[]): Html | false =>
    members.length > 0 &&
    html`<tbody><tr class="group"><th colspan="${after ? 5 : 2}" scope="colgroup">${title}</th></tr>${members.map(row)}</tbody>`;
  const judged = names.filter((name) => info(name).direction !== 'none');
  const others = names.filter((name) => info(name).direction === 'none');
  return html`<section><h3>All metrics${after && ', before and after'}</h3>
<table class="metrics"><thead><tr><th scope="col">metric</th><th scope="col">default</th>${
    after && html`<th scope="col">best</th><th scope="col">change</th><th></th>`
  }</tr></thead>
${group(
  'Better or worse',
  [objective, ...judged].filter((name, i, all) => names.includes(name) && all.indexOf(name) === i),
)}
${group('To explain, not judged', others)}</table></section>
`;
}

/** Two cells: an arrow for where it went with the size, and the judgement as a word as well as a colour. */
function change(from: number | undefined, to: number | undefined, { direction }: Metric): Html {
  if (from === undefined || to === undefined) return html`<td>–</td><td></td>`;
  const share =
    from === 0 ? (to === 0 ? 0 : Number.POSITIVE_INFINITY * Math.sign(to)) : (to - from) / Math.abs(from);
  if (judge(share) === '') return html`<td class="muted">unchanged</td><td></td>`;
  const judged = direction === 'none' ? '' : judge(direction === 'lower' ? -share : share);
  const size = Number.isFinite(share) ? percent(share) : 'from 0';
  return html`<td class="${judged}">${share > 0 ? '▲' : '▼'} ${size}</td><td class="word ${judged}">${judged}</td>`;
}
