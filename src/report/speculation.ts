import type { SpeculationBench } from '../bench/speculation-bench.js';
import { stepPath } from './charts/cycle-axis.js';
import { figureOf, px, xAxis, yAxis } from './charts/frame.js';
import { linearScale, logScale } from './charts/scale.js';
import { tickLabel } from './format.js';
import { type Html, html } from './html.js';
import { markdown } from './markdown.js';
import { pageOf } from './page.js';

/**
 * The arms of lumos-e3 as one self-contained page without a script: p99 by window, an arm a chart on one axis, and the
 * tables as text. A pure function of its arguments.
 * @param text the tables (`speculationText`)
 */
export function renderSpeculation(title: string, { rows }: SpeculationBench, text: string): string {
  const all = rows.flatMap(({ windows }) => windows.filter((figure) => figure !== null));
  const range = [Math.min(...all) * 0.97, Math.max(...all) * 1.03] as const;
  return pageOf({
    title,
    subtitle: title,
    policy: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    main: html`<section><h2>p99 by window</h2>
<p>Window 0 is the bad start; the dashed line is the first window within 10 % of the best.</p>
${rows.map((row) => armSection(row, range))}</section>
<section><h2>Tables</h2>${markdown(text)}</section>
<footer><p class="note">This page is complete in itself: it loads nothing. Every window is in <code>study.json</code>.</p></footer>
`,
  });
}

function armSection(
  { arm, windows, recovered }: SpeculationBench['rows'][number],
  range: readonly [number, number],
): Html {
  const known = windows.flatMap((figure, window) => (figure === null ? [] : [[window, figure] as const]));
  if (known.length === 0) return html`<h3>${arm}</h3><p class="note">No window gave a figure.</p>`;
  const chart = figureOf(`p99 by window, ${arm}`, 190, (frame) => {
    const y = logScale(range, [frame.bottom - 8, frame.top], 5);
    const x = linearScale([0, Math.max(1, windows.length - 1)], [frame.left + 8, frame.right - 8], 8);
    const path = stepPath(
      frame,
      x,
      known.map(([window, figure]) => [window, y.at(figure)]),
    );
    return html`${yAxis(frame, y, (tick) => tickLabel(tick, 'ns'))}${xAxis(frame, x, String, 'window')}
${recovered !== null && html`<path class="l-default" d="M${px(x.at(recovered))} ${frame.top}V${frame.bottom}"/>`}
<path class="l-best" d="${path}"/>`;
  });
  return html`<h3>${arm}</h3>${chart}`;
}
