import { gainOf } from '../loop/objective.js';
import type { SynthesisResult } from '../synthesis/result.js';
import { formatNs, formatValue, signedPercent } from '../units.js';
import { candidateLegend, kindOf } from './charts/candidates.js';
import { familyChart } from './charts/family.js';
import { frontChart, frontPoints, latencyOf } from './charts/front.js';
import { searchChart } from './charts/search.js';
import { figure, unbroken } from './format.js';
import { type Html, html, type Part } from './html.js';
import { pageOf } from './page.js';

/**
 * A search for a policy as one self-contained page: the answer, the progress of the search, the front of latency
 * against throughput, the family tree, what the referee measured. A pure function of its argument.
 */
export function renderSynthesis(result: SynthesisResult): string {
  return pageOf({
    title: `a policy for ${result.case.workload}`,
    subtitle: 'policy synthesis',
    policy: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    main: html`${answerSection(result)}${progressSection(result)}${frontSection(result)}${familySection(result)}
${refereeSection(result)}${originSection(result)}
<footer><p class="note">This page is complete in itself: it loads nothing. Every candidate is in <code>result.json</code>.</p></footer>
`,
  });
}

function answerSection(result: SynthesisResult): Html {
  const { case: where, selection, goal, policy } = result;
  const states = {
    synthesized: html`<span class="chip better">use the synthesized policy</span>`,
    repository: html`<span class="chip plain">use ${selection.policy} as it is</span>`,
    eevdf: html`<span class="chip plain">keep EEVDF</span>`,
    undecided: html`<span class="chip worse">undecided</span>`,
  };
  return html`<section class="verdict"><p class="where">${where.workload} <span class="muted">${where.cpus} CPUs, Linux ${where.kernel}</span></p>
<p class="states">${states[selection.decision]}${policy && !policy.recommended && html`<span class="chip worse">the folder’s policy is not recommended</span>`}</p>
${result.undone.length > 0 && html`<p class="states"><span class="chip worse">not done: ${result.undone.length}</span></p>`}${result.missing.length > 0 && html`<p class="states"><span class="chip worse">not measured: ${result.missing.map(({ name }) => name).join(', ')}</span></p>`}
<h2>${result.answer}</h2>
<p class="note">${goal === null ? 'No goal was given; the workload’s own objective holds' : html`Goal: “${goal}”`}: <code>${where.objective.metric}</code>, ${where.objective.meaning}.
${policy && html`The policy’s folder: <code>${policy.dir}</code>.`}</p></section>
`;
}

function progressSection(result: SynthesisResult): Html {
  const kinds = result.tried.map((one) => kindOf(result, one));
  return html`<section><h3>Progress of the search <span class="muted">${result.tried.length} candidates, ${minutes(result.spent.searchMs)}</span></h3>
${candidateLegend(kinds)}${searchChart(result)}
<p class="note">Gain in <code>${result.case.objective.metric}</code> over EEVDF measured with the same seeds. The search steers; the referee decides.</p></section>
`;
}

function frontSection(result: SynthesisResult): Html | false {
  const points = frontPoints(result);
  if (points.length < 2) return false;
  return html`<section><h3>Latency against throughput</h3>
${candidateLegend(points.map(({ kind }) => kind))}${frontChart(result)}
<p class="note"><code>${latencyOf(result)}</code> against <code>throughput_per_s</code>; the line joins those that nobody beats in both. Up and left is better.</p></section>
`;
}

function familySection(result: SynthesisResult): Html | false {
  const id = result.policy?.candidate;
  const one = result.tried.find((candidate) => candidate.id === id);
  if (id === undefined || one === undefined) return false;
  const set = Object.entries(one.tunables);
  return html`<section><h3>Family tree <span class="muted">of ${result.policy?.name}</span></h3>
${one.parents.length > 0 ? familyChart(result, id) : html`<p>It was not made from others.</p>`}
<p>${one.words}</p>
${set.length > 0 && html`<p class="note">${set.map(([name, value]) => html`<code>${name}=${value}</code> `)}</p>`}</section>
`;
}

function refereeSection(result: SynthesisResult): Html {
  const { referee, case: where, selection, policy } = result;
  const { objective } = where;
  const own = referee.own.score.value;
  const row = (name: Part, score: SynthesisResult['sweep']['own'], against: readonly string[]): Html => {
    const there = score.values.filter((value) => value !== null);
    const range =
      there.length === 0
        ? '–'
        : `${figure(Math.min(...there), objective.unit)} to ${figure(Math.max(...there), objective.unit)}`;
    const gain = gainOf({ ...objective, unit: 'count' }, own, score.value);
    return html`<tr><th scope="row">${name}</th><td data-label="mean">${figure(score.value, objective.unit)}</td>
<td data-label="range">${range}</td><td data-label="gain">${signedPercent(gain)}</td>
<td data-label="throughput">${figure(score.metrics.throughput_per_s, 'per_s')}</td></tr>
${
  against.length > 0 &&
  html`<tr><th></th><td colspan="4" class="muted">${against.join('; ')}</td></tr>
`
}`;
  };
  const heldOut = referee.finalists.flatMap(({ name, heldOut: rows }) =>
    rows.map((one) => ({ name, ...one })),
  );
  return html`<section><h3>What the referee measured <span class="muted">cold boots, ${referee.effort.seeds.length} seeds the search never used</span></h3>
<table class="cards"><thead><tr><th>policy</th><th>${objective.metric}</th><th>range over the seeds</th><th>gain</th><th>throughput</th></tr></thead><tbody>
${row('EEVDF', referee.own.score, [])}${referee.repository.map(({ name, score }) => row(name, score, score.dropped === undefined ? [] : [score.dropped]))}
${referee.finalists.map(({ name, score }) =>
  row(
    name === policy?.candidate ? html`<strong>${policy.name}</strong>` : name,
    score,
    selection.objections[name] ?? [],
  ),
)}</tbody></table>
<p class="note">A winner is better in its worst seed than EEVDF and the best of the repository in their best one.</p>
${
  heldOut.length > 0 &&
  html`<h4>Workloads it never saw</h4><table class="cards"><thead><tr><th>policy</th><th>workload</th><th>EEVDF</th><th>policy</th><th>gain</th></tr></thead><tbody>
${heldOut.map(
  ({
    name,
    workload,
    objective: its,
    own: without,
    score,
  }) => html`<tr><th scope="row">${name === policy?.candidate ? policy.name : name}</th><td data-label="workload">${workload}, ${its.metric}</td>
<td data-label="EEVDF">${formatValue(without.value, its.unit)}</td><td data-label="policy">${formatValue(score.value, its.unit)}</td>
<td data-label="gain">${signedPercent(gainOf({ ...its, unit: 'count' }, without.value, score.value))}</td></tr>
`,
)}</tbody></table>`
}</section>
`;
}

const minutes = (ms: number): string =>
  ms < 90_000 ? formatNs(ms * 1e6) : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;

function originSection({
  command,
  case: where,
  seed,
  proposers,
  budget,
  spent,
  ended,
}: SynthesisResult): Html {
  const fact = (name: string, value: Part): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`;
  const { model } = spent;
  const money = model?.usd === null ? 'price unknown' : `$${(model?.usd ?? 0).toFixed(4)}`;
  return html`<section><h3>Run it again</h3>
<div class="command"><pre><code>${unbroken(command)}</code></pre></div>
<dl class="facts">${[
    fact(
      'workload',
      Object.entries(where.parameters).map(([name, value]) => html`<code>${name}=${value}</code> `),
    ),
    fact('kernel', `${where.kernel}, ${where.cpus} CPUs`),
    fact('seed', seed),
    fact('proposers', proposers.join(', ')),
    fact('budget', budget),
    fact('ended by', ended),
    fact('stock sweep', minutes(spent.sweepMs)),
    fact('search', `${minutes(spent.searchMs)}, ${spent.candidates} candidates`),
    fact('referee', minutes(spent.refereeMs)),
    ...(model
      ? [
          fact('model', model.name),
          fact('asked', `${model.calls} calls, ${model.tokens.toLocaleString('en-US')} tokens, ${money}`),
          fact('of it', `${model.accepted} accepted, ${model.dropped.length} dropped`),
        ]
      : []),
  ]}</dl></section>
`;
}
