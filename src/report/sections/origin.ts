import type { TuneResult } from '../../loop/result.js';
import { formatNs } from '../../units.js';
import { breakable, clip, figure, unbroken } from '../format.js';
import { type Html, html, type Part } from '../html.js';
import { cpus } from './verdict.js';

/** Where the figures come from: the command that makes them again, and everything that was held fixed. */
export function originSection(result: TuneResult): Html {
  const { target, workload, parameters, windowNs, seed, tuner, cycles } = result;
  const settings = Object.entries(parameters).map(([name, value]) => html`<code>${name}=${value}</code> `);
  const fact = (name: Part, value: Part): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`;
  return html`<section><h3>Run it again</h3>
<div class="command"><pre><code>${unbroken(result.command)}</code></pre><button type="button" hidden>Copy</button></div>
<dl class="facts">${[
    fact('target', target.name === target.kind ? target.kind : `${target.name} (${target.kind})`),
    ...(target.scope === undefined
      ? []
      : [fact('scope', target.service ? `${target.scope}, ${target.service}` : target.scope)]),
    fact('kernel', `${target.kernel}, ${target.scheduler.toUpperCase()}`),
    fact('CPUs', cpus(target.cpus)),
    fact('QEMU', target.qemu ?? 'none'),
    fact('workload', html`${workload} ${settings}`),
    fact('window', formatNs(windowNs)),
    fact('seed', seed),
    fact('tuner', tuner),
    fact('cycles', `${cycles.length}, ${duration(cycles)} of wall time`),
    ...refereeFacts(result).map((text) => fact('referee', text)),
    ...(result.remarks ?? []).map((text) => fact('note', clip(text))),
    ...result.knobs.map(({ name, unit, min, max, scale }) =>
      fact(html`<code>${breakable(name)}</code>`, `${figure(min, unit)} to ${figure(max, unit)}, ${scale}`),
    ),
  ]}</dl></section>
`;
}

/** Where windows of one setting differ: how far those of the referee lay apart. */
function refereeFacts({ referee, objective: { unit } }: TuneResult): string[] {
  const { pairs } = referee ?? {};
  if (!referee || !pairs) return [];
  const range = (figures: readonly number[] = []): string =>
    `${figure(Math.min(...figures), unit)} to ${figure(Math.max(...figures), unit)}`;
  return [
    `${pairs.of} pairs of windows, best better in ${pairs.better} (${pairs.needed} rule out chance)`,
    `windows of the default: ${range(referee.default.windows)}; of the best: ${range(referee.best.windows)}`,
  ];
}

function duration(cycles: TuneResult['cycles']): string {
  const seconds = cycles.reduce((sum, { wallMs }) => sum + wallMs, 0) / 1000;
  if (seconds < 90) return formatNs(seconds * 1e9);
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
