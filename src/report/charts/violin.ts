import { figure, tickLabel } from '../format.js';
import { type Html, html } from '../html.js';
import { type Frame, figureOf, px, yAxis } from './frame.js';
import { logScale, type Scale } from './scale.js';

/** One violin: figures of one name. */
export interface Violin {
  readonly name: string;
  readonly values: readonly number[];
}

/** More names than this do not fit side by side. */
const MOST_LEVEL = 8;
/** Points of a violin's outline on either side. */
const STEPS = 48;

/** Violins side by side on one logarithmic axis, a bar at each mean; `reference` is drawn across. */
export function violinChart(
  label: string,
  violins: readonly Violin[],
  unit: string,
  reference: number | null,
): Html {
  const drawn = violins.filter(({ values }) => values.length > 0);
  const all = [...drawn.flatMap(({ values }) => values), ...(reference === null ? [] : [reference])];
  if (all.length === 0) return html`<p class="note">No window gave a figure.</p>`;
  return figureOf(label, 340, (frame) => {
    const isTilted = frame.narrow || drawn.length > MOST_LEVEL;
    const base: Frame = { ...frame, bottom: frame.bottom - (isTilted ? 60 : 24) };
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const y = logScale([low * 0.97, high * 1.03], [base.bottom, base.top], 6);
    const width = (base.right - base.left) / drawn.length;
    return html`${yAxis(base, y, (tick) => tickLabel(tick, unit))}
${reference !== null && html`<path class="l-default" d="M${base.left} ${px(y.at(reference))}H${base.right}"/>`}
${drawn.map((violin, i) => one(violin, { x: base.left + (i + 0.5) * width, width, isTilted }, y, base, unit))}`;
  });
}

interface Place {
  readonly x: number;
  readonly width: number;
  readonly isTilted: boolean;
}

function one({ name, values }: Violin, place: Place, y: Scale, frame: Frame, unit: string): Html {
  const { x, width, isTilted } = place;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const side = outline(values).map(([value, share]) => [share * width * 0.42, y.at(value)] as const);
  const right = side.map(([off, at]) => `${px(x + off)} ${px(at)}`);
  const left = [...side].reverse().map(([off, at]) => `${px(x - off)} ${px(at)}`);
  const [at, half] = [px(y.at(mean)), width * 0.3];
  const turn = isTilted
    ? html`<text class="tick" text-anchor="end" transform="translate(${px(x + 4)} ${frame.bottom + 10}) rotate(-60)">${name}</text>`
    : html`<text class="tick" text-anchor="middle" x="${px(x)}" y="${frame.bottom + 18}">${name}</text>`;
  return html`<g><path class="m-kept" fill-opacity="0.45" d="M${right.join('L')}L${left.join('L')}Z"/>
<path class="l-best" d="M${px(x - half)} ${at}H${px(x + half)}"/>
<title>${name}: mean ${figure(mean, unit)} of ${values.length} windows</title>${turn}</g>
`;
}

/**
 * A density's outline, widest 1: normal kernels over the logarithms, as wide as Silverman's rule says (1986), but no
 * narrower than 1 %, the histograms' own error.
 */
function outline(values: readonly number[]): readonly (readonly [value: number, share: number])[] {
  const logs = values.map(Math.log);
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  const deviation = Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length);
  const band = Math.max(0.01, 1.06 * deviation * logs.length ** -0.2);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const rows = Array.from({ length: STEPS + 1 }, (_, i) => {
    const at = low + ((high - low) * i) / STEPS;
    const density = logs.reduce((sum, value) => sum + Math.exp(-(((at - value) / band) ** 2) / 2), 0);
    return [Math.exp(at), density] as const;
  });
  const most = Math.max(...rows.map(([, density]) => density));
  return rows.map(([value, density]) => [value, density / most]);
}
