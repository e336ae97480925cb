import { formatValue } from '../../units.js';
import { SYSTEM_METRICS } from '../../workloads/common.js';
import { workloadByName } from '../../workloads/index.js';
import type { Metrics } from '../../workloads/types.js';
import { betterBy } from '../answer.js';
import type { SynthesisResult } from '../result.js';
import type { Candidate } from '../types.js';
import { ancestorsOf } from './lineage.js';
import type { Origin } from './manifest.js';

/** What a change of a figure says about how a policy works, and how much of a change is nothing, in its own unit. */
const BEHAVIOUR: readonly (readonly [metric: string, nothing: number, more: string, less: string])[] = [
  ['switches_per_s', 10, 'switches tasks more often', 'switches tasks less often'],
  ['migrations_per_s', 10, 'moves tasks between CPUs more often', 'moves tasks between CPUs less often'],
  ['slice_p50_ns', 10_000, 'lets tasks run longer at a time', 'lets tasks run shorter at a time'],
  [
    'runq_latency_p99_ns',
    10_000,
    'lets the unluckiest tasks wait longer',
    'lets the unluckiest tasks wait shorter',
  ],
  ['idle_share', 0.01, 'leaves CPUs idle more', 'leaves CPUs idle less'],
  [
    'idle_while_queued_share',
    0.01,
    'leaves a CPU idle while tasks wait more often',
    'leaves a CPU idle while tasks wait less often',
  ],
  ['service_jain', 0.01, 'shares CPU time more evenly', 'shares CPU time less evenly'],
  ['throughput_per_s', 0, 'gets more work done', 'gets less work done'],
];
/** A difference that is worth a sentence, a share of the larger figure. */
const WORTH_SAYING = 0.1;

/** How a policy behaves otherwise than EEVDF, from what both measured, largest difference first. */
export function behaviour(workload: string, own: Metrics, its: Metrics): string[] {
  const units = { ...SYSTEM_METRICS, ...workloadByName(workload).metrics };
  return BEHAVIOUR.flatMap(([metric, nothing, more, less]) => {
    const [from, to] = [own[metric], its[metric]];
    if (from === undefined || to === undefined) return [];
    const difference = Math.abs(to - from);
    const change = difference / Math.max(Math.abs(from), Math.abs(to));
    // Of a figure that is next to none, a part says nothing: one migration in three seconds, or none.
    if (difference <= nothing || change < WORTH_SAYING) return [];
    const unit = units[metric]?.unit ?? 'count';
    return [
      {
        change,
        text: `it ${to > from ? more : less}: ${metric} ${formatValue(from, unit)} → ${formatValue(to, unit)}`,
      },
    ];
  })
    .sort((a, b) => b.change - a.change)
    .map(({ text }) => text);
}

/** README.md of a policy folder: whether to use it, what it does, why it wins, how it was found. */
export function wordsOf(
  name: string,
  result: SynthesisResult,
  candidate: Candidate,
  { base, proposal }: Origin,
  recommended: boolean,
): string {
  const { case: where, referee, command } = result;
  const { objective, workload, cpus, kernel } = where;
  const finalist = referee.finalists.find((one) => one.name === candidate.id);
  const range = (values: readonly (number | null)[]): string => {
    const there = values.filter((value) => value !== null);
    if (there.length === 0) return '–';
    return `${formatValue(Math.min(...there), objective.unit)} to ${formatValue(Math.max(...there), objective.unit)}`;
  };
  const rows = [referee.own, ...referee.repository, ...(finalist ? [{ ...finalist, name }] : [])].map(
    ({ name: who, score }) =>
      `| ${who} | ${formatValue(score.value, objective.unit)} | ${range(score.values)} | ${score.dropped ?? ''} |`,
  );
  const how = finalist ? behaviour(workload, referee.own.score.metrics, finalist.score.metrics) : [];
  const objections = result.selection.objections[candidate.id] ?? [];
  const heldOut = (finalist?.heldOut ?? []).map(({ workload: other, objective: of, own, score }) =>
    own.value === null || score.value === null
      ? `- ${other}: ${score.dropped ?? 'no figure'}`
      : `- ${other}: ${of.metric} ${betterBy(of.direction, own.value, score.value)} than EEVDF`,
  );
  const ancestors = ancestorsOf(result.tried, candidate.id).length - 1;
  return [
    `# ${name}`,
    '',
    recommended
      ? `Recommended for ${workload} on ${cpus} CPUs (${objective.metric}).`
      : `**Not recommended.** It is the best that the search found, kept for study. ${result.answer}`,
    '',
    '## What it does',
    '',
    proposal?.algorithm ?? candidate.words,
    ...(base
      ? ['', `It is \`${base.name}\` with tunables of its own; policy.json has each with its meaning.`]
      : []),
    '',
    recommended ? '## Why it wins' : '## How it behaves',
    '',
    ...(proposal ? [`The model that wrote it says: ${proposal.why}`, ''] : []),
    how.length > 0
      ? `Measured against EEVDF (the scheduler of Linux ${kernel}):\n\n${how.map((text) => `- ${text}`).join('\n')}`
      : 'In what the lab measures beside the objective it does not differ from EEVDF by 10 %.',
    '',
    `| ${objective.metric}, ${referee.effort.seeds.length} seeds, cold boots | mean | range | |`,
    '|---|---|---|---|',
    ...rows,
    ...(heldOut.length > 0 ? ['', 'Workloads it never saw:', '', ...heldOut] : []),
    ...(objections.length > 0 ? ['', 'Against it:', '', ...objections.map((text) => `- ${text}`)] : []),
    '',
    '## How it was found',
    '',
    `By a search of ${result.tried.length} candidates; ${ancestors === 0 ? 'it was not made from others' : `it has ${ancestors} ancestor${ancestors === 1 ? '' : 's'} in it`} (lineage.json). Again:`,
    '',
    '```',
    command,
    '```',
    '',
  ].join('\n');
}
