import { type Html, html } from '../html.js';
import type { Scale } from './scale.js';

/** The drawing area of a chart in pixels: `left`..`right` and `top`..`bottom` bound the plot inside it. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Drawn for a small screen: fewer ticks, shorter labels. */
  readonly narrow: boolean;
}

const WIDTH = { wide: 920, narrow: 380 } as const;

/**
 * One figure, drawn twice: wide, and narrow for small screens (the style sheet shows one), because scaling a wide
 * drawing down makes its text too small to read. Static SVG: it prints, and works without a script.
 */
export function figureOf(label: string, wideHeight: number, draw: (frame: Frame) => Html): Html {
  const svg = (kind: 'wide' | 'narrow'): Html => {
    const width = WIDTH[kind];
    const narrow = kind === 'narrow';
    const height = narrow ? Math.round(wideHeight * 0.88) : wideHeight;
    const frame: Frame = {
      width,
      height,
      left: narrow ? 58 : 68,
      right: width - (narrow ? 66 : 112),
      top: 12,
      bottom: height - 30,
      narrow,
    };
    return html`<svg class="chart ${kind}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
${draw(frame)}</svg>`;
  };
  return html`<div class="figure">${svg('wide')}${svg('narrow')}</div>`;
}

/** Horizontal grid lines with their labels left of the plot. */
export function yAxis(frame: Frame, scale: Scale, label: (tick: number) => string): Html {
  return html`${scale.ticks.map((tick) => {
    const y = px(scale.at(tick));
    return html`<line class="grid" x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}"/>
<text class="tick" x="${frame.left - 8}" y="${px(y + 4)}" text-anchor="end">${label(tick)}</text>
`;
  })}`;
}

/** The base line with ticks and labels below it, right of them what is counted. Labels that would touch are left out. */
export function xAxis(frame: Frame, scale: Scale, label: (tick: number) => string, title: string): Html {
  let free = 0;
  const ticks = scale.ticks.map((tick) => {
    const x = px(scale.at(tick));
    const half = textWidth(label(tick)) / 2;
    const fits = x - half >= free && x + half <= frame.right + 6;
    if (fits) free = x + half + 8;
    return html`<line class="axis" x1="${x}" x2="${x}" y1="${frame.bottom}" y2="${frame.bottom + 4}"/>
${fits && html`<text class="tick" x="${x}" y="${frame.bottom + 17}" text-anchor="middle">${label(tick)}</text>`}
`;
  });
  const y = frame.bottom;
  return html`<line class="axis" x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}"/>
${ticks}<text class="tick" x="${frame.right + 10}" y="${y + 17}">${title}</text>
`;
}

/** About how wide a label is, px: on the safe side for the fonts a reader may have. */
export const textWidth = (text: string): number => text.length * 7.4;

/** A pixel position with one decimal: finer cannot be seen and only makes the page longer. */
export const px = (value: number): number => Math.round(value * 10) / 10;
