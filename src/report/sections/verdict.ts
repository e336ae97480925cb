import type { TuneResult } from '../../loop/result.js';
import { shellLine } from '../../shell.js';
import { percent } from '../../units.js';
import { beforeAfter, defaultValues, isRejected, judge, titleOf } from '../facts.js';
import { breakable, clip, figure, unbroken } from '../format.js';
import { type Html, html } from '../html.js';

/** The head of a run: where it ran, the verdict in one sentence, before → after, and the setting that does it. */
export function verdictSection(result: TuneResult): Html {
  const { verdict, objective, target } = result;
  return html`<header class="verdict">
<p class="where">${titleOf(result)} <span class="muted">· Linux ${target.kernel} · ${cpus(target.cpus)}</span></p>
<p class="states">${states(result)}</p>
<h2>${unbroken(clip(verdict.text))}</h2>
<div class="headline">
<div class="change">${figures(result)}
<p class="muted">${objective.meaning} (<code>${breakable(objective.metric)}</code>), ${objective.direction} is better</p></div>
${settings(result)}</div>
${keepCommand(result)}</header>
`;
}

/** `1 CPU`, `2 CPUs`. */
export const cpus = (count: number): string => `${count} ${count === 1 ? 'CPU' : 'CPUs'}`;

/** The change of a run in words; coloured by whether it is better only where it was accepted. */
export function changeBadge(result: TuneResult): Html {
  const { gain, after } = beforeAfter(result);
  if (after === null) return html`<span class="badge">default stays</span>`;
  if (isRejected(result)) return html`<span class="badge">rejected: default stays</span>`;
  if (gain === null) return html`<span class="badge">gain unknown</span>`;
  const style = result.verdict.accepted ? judge(gain) : '';
  return html`<span class="badge ${style}">${changeText(result, gain)}</span>`;
}

function changeText({ objective }: TuneResult, gain: number): string {
  const direction = gain > 0 === (objective.direction === 'lower') ? 'lower' : 'higher';
  return judge(gain) === '' ? 'unchanged' : `${percent(gain)} ${direction}`;
}

const pairsText = (of: number): string => `${of} ${of === 1 ? 'pair' : 'pairs'} of windows`;

function states(result: TuneResult): Html[] {
  const { verdict, referee, target } = result;
  const chip = (style: string, text: string): Html => html`<span class="chip ${style}">${text}</span> `;
  const how = target.kind === 'lab' ? 'cold boot' : pairsText(referee?.pairs?.of ?? 1);
  const confirmed = referee ? chip('', `measured by the referee (${how})`) : chip('', 'search figures only');
  const judged = verdict.accepted
    ? chip('better', '✓ accepted')
    : isRejected(result)
      ? chip('worse', '✗ rejected by the referee: the default stays')
      : chip('plain', '– not accepted');
  return [
    judged,
    ...(verdict.interrupted ? [chip('worse', '! interrupted: stopped before its last cycle')] : []),
    confirmed,
  ];
}

function figures(result: TuneResult): Html {
  const { before, after, gain } = beforeAfter(result);
  const { unit } = result.objective;
  const from = figure(before.objective, unit);
  if (after === null) return html`<p class="figures"><strong>${from}</strong> ${changeBadge(result)}</p>`;
  const to = figure(after.objective, unit);
  if (isRejected(result))
    return html`<p class="figures"><strong>${from}</strong> ${changeBadge(result)}</p>
<p class="tried">When the referee measured it, the best setting tried came to ${to}${gain === null ? null : html` (${changeText(result, gain)})`}, which is not proof enough.</p>`;
  return html`<p class="figures"><span class="from">${from}</span> <span class="arrow">→</span>
<strong class="${result.verdict.accepted ? judge(gain) : ''}">${to}</strong> ${changeBadge(result)}</p>`;
}

function settings(result: TuneResult): Html | null {
  const { after } = beforeAfter(result);
  const defaults = defaultValues(result);
  if (after === null) return null;
  const tried = isRejected(result);
  const rows = result.knobs.map(({ name, unit }) => {
    const value = after.values[name];
    const to = html`<strong title="${value} ${unit}">${figure(value, unit)}</strong>`;
    return html`<div><dt><code>${breakable(name)}</code></dt>
<dd>${figure(defaults[name], unit)} ${tried ? html`(tried: ${figure(value, unit)})` : html`→ ${to}`}</dd></div>
`;
  });
  return html`<dl class="settings">${rows}</dl>`;
}

/** What puts the accepted setting in force on a machine: to be copied. */
function keepCommand(result: TuneResult): Html | null {
  const { verdict, best, target } = result;
  if (!verdict.accepted) return null;
  const { scope = 'load' } = target;
  const isOwn = ['slice_ns', 'cpu_weight'].some((name) => name in best.values);
  const whose = isOwn ? (scope === 'load' ? 'pid:PID' : scope) : null;
  const line = shellLine(
    ...['tunesmith', 'change', 'stage'],
    ...Object.entries(best.values).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ...(whose === null ? [] : ['--scope', whose]),
  );
  return html`<div class="keep"><p class="muted">On a machine like this one, staged until you commit it:</p>
<div class="command"><pre><code>${line}</code></pre><button type="button" hidden>Copy</button></div></div>
`;
}

const WORDS: readonly (readonly [string, string])[] = [
  ['objective', 'the one figure that is to become better'],
  ['cycle', 'one setting, put in force and measured'],
  ['window', 'the stretch of the load that is measured'],
  ['search', 'the cycles, each measured once: quick, and partly luck'],
  ['referee', 'measures the default and the best again, and decides'],
  ['oracle', 'the best of every setting of a grid: what there is to find'],
  ['guardrail', 'a figure that must not become worse than its limit'],
];

/** What the words of a report mean, a line each. */
export const wordsSection = (): Html => html`<section><h3>Words</h3>
<dl class="facts">${WORDS.map(
  ([word, means]) => html`<div><dt>${word}</dt><dd>${means}</dd></div>
`,
)}</dl></section>
`;
