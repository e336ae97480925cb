import type { SynthesisResult } from '../../synthesis/result.js';
import { workloadByName } from '../../workloads/index.js';
import { tickLabel } from '../format.js';
import { type Html, html } from '../html.js';
import { candidateMark, type Kind, kindOf } from './candidates.js';
import { type Frame, figureOf, px, xAxis, yAxis } from './frame.js';
import { linearScale, logScale } from './scale.js';

interface Point {
  readonly name: string;
  readonly kind: Kind;
  readonly latency: number;
  readonly throughput: number;
}

/** The latency that is set against throughput: the objective, or where that is none, the workload's wake-up p99. */
export function latencyOf({ case: { workload, objective } }: SynthesisResult): string | null {
  if (objective.unit === 'ns') return objective.metric;
  const names = Object.keys(workloadByName(workload).metrics).filter((name) => name.endsWith('_p99_ns'));
  return names.find((name) => !name.startsWith('runq')) ?? null;
}

/** Candidates, repository and EEVDF with both figures; those dropped have none worth showing. */
export function frontPoints(result: SynthesisResult): Point[] {
  const metric = latencyOf(result);
  if (metric === null) return [];
  const point = (name: string, kind: Kind, metrics: Readonly<Record<string, number>>): Point[] => {
    const [latency, throughput] = [metrics[metric], metrics.throughput_per_s];
    return latency === undefined || throughput === undefined ? [] : [{ name, kind, latency, throughput }];
  };
  const { sweep, tried } = result;
  return [
    ...tried.flatMap((one) =>
      one.dropped === undefined ? point(one.id, kindOf(result, one), one.metrics) : [],
    ),
    ...sweep.policies.flatMap(({ name, score }) =>
      score.dropped === undefined ? point(name, 'repository', score.metrics) : [],
    ),
    ...point('EEVDF', 'repository', sweep.own.metrics),
  ];
}

/** Those that nobody beats in both figures, by latency. */
export const paretoOf = (points: readonly Point[]): Point[] => {
  const sorted = [...points].sort((a, b) => a.latency - b.latency || b.throughput - a.throughput);
  const front: Point[] = [];
  for (const one of sorted) if (one.throughput > (front.at(-1)?.throughput ?? -1)) front.push(one);
  return front;
};

/** Latency against throughput, and the front of those that nobody beats in both. */
export const frontChart = (result: SynthesisResult): Html =>
  figureOf('latency against throughput', 360, (frame) => draw(result, frame));

function draw(result: SynthesisResult, frame: Frame): Html {
  const points = frontPoints(result);
  const latencies = points.map(({ latency }) => latency);
  const works = points.map(({ throughput }) => throughput);
  const [low, high] = [Math.min(...latencies), Math.max(...latencies)];
  const x = logScale([low / 1.15, high * 1.15], [frame.left + 8, frame.right - 8], frame.narrow ? 4 : 8);
  const pad = (Math.max(...works) - Math.min(...works)) * 0.1 || Math.max(...works) * 0.05 || 1;
  const y = linearScale([Math.min(...works) - pad, Math.max(...works) + pad], [frame.bottom, frame.top], 6);
  const front = paretoOf(points);
  const path = front.map(({ latency, throughput }, i) =>
    i === 0
      ? `M${px(x.at(latency))} ${px(y.at(throughput))}`
      : `H${px(x.at(latency))}V${px(y.at(throughput))}`,
  );
  // The repository stands above the crowd, and what was chosen above all.
  const order: readonly Kind[] = ['dropped', 'genes', 'model', 'repository', 'chosen'];
  const sorted = [...points].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return html`${yAxis(frame, y, (tick) => tickLabel(tick, 'per_s'))}${xAxis(frame, x, (tick) => tickLabel(tick, 'ns'), frame.narrow ? 'p99' : 'latency')}
<path class="l-best" d="${path.join('')}"/>
${sorted.map(
  ({ name, kind, latency, throughput }) => html`<g>${candidateMark(kind, x.at(latency), y.at(throughput), 3)}
<title>${name}: ${tickLabel(latency, 'ns')}, ${tickLabel(throughput, 'per_s')}</title></g>
${
  name === 'EEVDF' &&
  html`<text class="halo t-default" x="${px(x.at(latency) + 7)}" y="${px(y.at(throughput) + 4)}">EEVDF</text>
`
}`,
)}`;
}
