import { formatNs } from '../../units.js';
import { type Html, html } from '../html.js';
import { type CumulativePoint, quantile } from './cumulative.js';
import { type Frame, figureOf, px, textWidth, xAxis, yAxis } from './frame.js';
import { logScale, type Scale } from './scale.js';

/** One curve: its style says whether it is the default's or the best's. */
export interface Curve {
  readonly style: 'before' | 'after';
  readonly points: readonly CumulativePoint[];
  /** Exact percentiles where the workload reports them (share → ns); read off the curve where not. */
  readonly exact: Readonly<Record<number, number>>;
}

const LEVELS = [0.5, 0.9, 0.99, 0.999, 0.9999];
const MARKED = [0.5, 0.99];

/**
 * Cumulative distributions over a logarithmic latency axis. The vertical axis is stretched towards 100 % (each
 * step up leaves a tenth of the slower events), because what is tuned is the tail; p50 and p99 carry figures.
 */
export function distributionChart(family: string, curves: readonly Curve[]): Html {
  return figureOf(`cumulative distribution of ${family} latency`, 320, (frame) => draw(curves, frame));
}

function draw(curves: readonly Curve[], frame: Frame): Html {
  const top = Math.max(0.999, ...curves.map(({ points }) => topLevel(points)));
  const height = (share: number): number =>
    frame.bottom -
    (-Math.log10(1 - Math.min(share, top)) / -Math.log10(1 - top)) * (frame.bottom - frame.top);
  const y: Scale = { at: height, ticks: LEVELS.filter((level) => level <= top + 1e-9) };
  const x = logScale(domain(curves, top), [frame.left, frame.right], frame.narrow ? 3 : 9);
  const order = (curve: Curve, share: number): number => valueAt(curve, share) ?? Number.POSITIVE_INFINITY;

  return html`${yAxis(frame, y, (tick) => `${Number((tick * 100).toFixed(2))} %`)}${xAxis(frame, x, formatNs, 'latency')}
${curves.map(
  (curve) => html`<path class="c-${curve.style}" d="${stepCurve(curve.points, x, y, frame)}"/>
`,
)}${MARKED.map((share) => {
  const sorted = [...curves].sort((a, b) => order(a, share) - order(b, share));
  return sorted.map((curve, i) => marker(curve, share, x, y, frame, i < sorted.length - 1));
})}`;
}

/** The marker and its figure: left above the curve for the faster, right below it for the slower, so none meet. */
function marker(curve: Curve, share: number, x: Scale, y: Scale, frame: Frame, left: boolean): Html | null {
  const ns = valueAt(curve, share);
  if (ns === undefined) return null;
  const [cx, cy] = [px(x.at(ns)), px(y.at(share))];
  const text = `p${share * 100} ${formatNs(ns)}`;
  const width = textWidth(text);
  const textX = px(left ? Math.max(cx - 9, frame.left + width) : Math.min(cx + 9, frame.width - width));
  return html`<circle class="d-${curve.style}" cx="${cx}" cy="${cy}" r="4.5"/>
<text class="halo t-${curve.style}" x="${textX}" y="${px(left ? cy - 8 : cy + 15)}"
 text-anchor="${left ? 'end' : 'start'}">${text}</text>
`;
}

const valueAt = ({ exact, points }: Curve, share: number): number | undefined =>
  exact[share] ?? quantile(points, share);

/** How far up the axis goes: to the last of the levels that still has events above it. */
function topLevel(points: readonly CumulativePoint[]): number {
  const last = points.at(-2)?.share ?? 0;
  return LEVELS.findLast((level) => level <= last) ?? 0;
}

function domain(curves: readonly Curve[], top: number): readonly [number, number] {
  const lows = curves.map(({ points }) => quantile(points, 0.02) ?? 1);
  const highs = curves.map(({ points }) => quantile(points, top) ?? 1);
  const low = Math.max(1, Math.min(...lows));
  return [low / 1.1, Math.max(low * 2, ...highs) * 1.25];
}

/** A step curve up to the end of the axis, with points nearer than half a pixel left out. */
function stepCurve(points: readonly CumulativePoint[], x: Scale, y: Scale, frame: Frame): string {
  let path = '';
  let [lastX, lastY] = [Number.NaN, frame.bottom];
  for (const { ns, share } of points) {
    const [nextX, nextY] = [Math.min(x.at(ns), frame.right), y.at(share)];
    if (path === '') path = `M${frame.left} ${frame.bottom}`;
    if (nextY <= frame.top + 0.01) return `${path}H${px(nextX)}V${px(nextY)}`;
    if (Math.hypot(nextX - lastX, nextY - lastY) < 0.5) continue;
    path += `H${px(nextX)}V${px(nextY)}`;
    [lastX, lastY] = [nextX, nextY];
  }
  return path;
}
