import type { TuneResult } from '../../loop/result.js';
import { percent } from '../../units.js';
import { beforeAfter, defaultValues, judge, titleOf } from '../facts.js';
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
</header>
`;
}

/** `1 CPU`, `2 CPUs`. */
export const cpus = (count: number): string => `${count} ${count === 1 ? 'CPU' : 'CPUs'}`;

/** The change of a run in words coloured by whether it is better: "33.4 % lower". */
export function changeBadge(result: TuneResult): Html {
  const { gain, after } = beforeAfter(result);
  if (after === null) return html`<span class="badge">default stays</span>`;
  if (gain === null) return html`<span class="badge">gain unknown</span>`;
  const direction = gain > 0 === (result.objective.direction === 'lower') ? 'lower' : 'higher';
  const judged = judge(gain);
  return html`<span class="badge ${judged}">${judged === '' ? 'unchanged' : `${percent(gain)} ${direction}`}</span>`;
}

function states({ verdict, referee, target }: TuneResult): Html[] {
  const chip = (style: string, text: string): Html => html`<span class="chip ${style}">${text}</span> `;
  const how = target.kind === 'lab' ? 'cold boot' : `${referee?.pairs?.of ?? 1} pairs of windows`;
  const confirmed = referee ? chip('', `measured by the referee (${how})`) : chip('', 'search figures only');
  return [
    verdict.accepted ? chip('better', '✓ accepted') : chip('plain', '– not accepted'),
    ...(verdict.interrupted ? [chip('worse', '! interrupted: stopped before its last cycle')] : []),
    confirmed,
  ];
}

function figures(result: TuneResult): Html {
  const { before, after, gain } = beforeAfter(result);
  const { unit } = result.objective;
  const from = figure(before.objective, unit);
  if (after === null) return html`<p class="figures"><strong>${from}</strong> ${changeBadge(result)}</p>`;
  return html`<p class="figures"><span class="from">${from}</span> <span class="arrow">→</span>
<strong class="${judge(gain)}">${figure(after.objective, unit)}</strong> ${changeBadge(result)}</p>`;
}

function settings(result: TuneResult): Html | null {
  const { after } = beforeAfter(result);
  const defaults = defaultValues(result);
  if (after === null) return null;
  const rows = result.knobs.map(({ name, unit }) => {
    const value = after.values[name];
    return html`<div><dt><code>${breakable(name)}</code></dt>
<dd>${figure(defaults[name], unit)} → <strong title="${value} ${unit}">${figure(value, unit)}</strong></dd></div>
`;
  });
  return html`<dl class="settings">${rows}</dl>`;
}
