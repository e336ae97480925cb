import { type Html, html } from '../html.js';
import { type Frame, px } from './frame.js';

/** A horizontal line to be named right of the plot. */
export interface LineLabel {
  readonly name: string;
  readonly value: string;
  /** Pixel height of the line. */
  readonly y: number;
  /** Style of the text: `t-default`, `t-best` or `t-oracle`. */
  readonly style: string;
}

/** Names of lines beside the plot, moved apart where they would overlap; a narrow chart gives each two rows. */
export function lineLabels(frame: Frame, labels: readonly LineLabel[]): Html {
  const gap = frame.narrow ? 30 : 17;
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  const places = spread(
    sorted.map(({ y }) => y),
    gap,
    [frame.top, frame.bottom - (frame.narrow ? 14 : 4)],
  );
  return html`${sorted.map(({ name, value, style }, i) => {
    const [x, y] = [frame.right + 8, (places[i] ?? 0) + 4];
    return frame.narrow
      ? html`<text class="${style}" x="${x}" y="${px(y - 6)}">${name}<tspan x="${x}" dy="13">${value}</tspan></text>
`
      : html`<text class="${style}" x="${x}" y="${px(y)}">${name} <tspan class="strong">${value}</tspan></text>
`;
  })}`;
}

/** Ascending places moved so that neighbours are `gap` apart and, where there is room, inside the bounds. */
export function spread(
  places: readonly number[],
  gap: number,
  [low, high]: readonly [number, number],
): number[] {
  const moved = [...places];
  for (let i = 0; i < moved.length; i++)
    moved[i] = Math.max(moved[i] ?? low, low, (moved[i - 1] ?? low - gap) + gap);
  for (let i = moved.length - 1; i >= 0; i--)
    moved[i] = Math.min(moved[i] ?? high, (moved[i + 1] ?? high + gap) - gap);
  return moved;
}
