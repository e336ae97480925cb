import { plain } from '../../tuners/llm/fence.js';
import { formatValue, signedPercent } from '../../units.js';
import { PROBES } from '../../verify/probes/index.js';
import { SYSTEM_METRICS } from '../../workloads/common.js';
import { workloadByName } from '../../workloads/index.js';
import { SIGNATURE_METRICS } from '../../workloads/signature.js';
import type { Guardrail, Metrics } from '../../workloads/types.js';
import { WEIGHT } from '../search/merit.js';
import { HELD_OUT_LOSS } from '../select.js';
import type { ArchiveView, Tried } from '../types.js';
import { bodyOf, Names } from './shown.js';

/** Policies that are shown with figures, and of those how many with their source. */
const MOST_SHOWN = 8;
const MOST_SOURCES = 2;
const MOST_DROPPED = 5;
/** A model's own, the last ones, whatever became of them. */
const MOST_OWN = 6;

/** What tells how a policy behaves, in this order, as far as a search measures it. */
const TELLING = ['throughput_per_s', 'switches_per_s', 'migrations_per_s', 'idle_share'] as const;
/** How a load behaves, which takes the sampler. */
const SAMPLED = [
  'runq_latency_p50_ns',
  'runq_latency_p99_ns',
  'slice_p50_ns',
  'slice_p99_ns',
  'queued_mean',
  'idle_while_queued_share',
  'service_jain',
] as const;

const unitOf = (workload: string, metric: string): string =>
  ({ ...SIGNATURE_METRICS, ...SYSTEM_METRICS, ...workloadByName(workload).metrics })[metric]?.unit ?? 'count';

/** The objective, the other percentiles of its family, and what tells how a policy behaves. */
function figures(archive: ArchiveView, metrics: Metrics): string {
  const { metric } = archive.case.objective;
  const family = /^(.*)_(?:p\d+|max|mean)_ns$/.exec(metric)?.[1];
  const tail = family === undefined ? [] : ['p50', 'p95', 'p99', 'max'].map((part) => `${family}_${part}_ns`);
  return listed(archive, metrics, [...new Set([metric, ...tail, ...TELLING])]);
}

function listed({ case: { workload } }: ArchiveView, metrics: Metrics, names: readonly string[]): string {
  return names
    .flatMap((name) => {
      const value = metrics[name];
      return value === undefined ? [] : [`${name} ${formatValue(value, unitOf(workload, name))}`];
    })
    .join(', ');
}

/**
 * What a policy does to a load that the model is not shown: the loss and what of it counts, for a search goes by both and a
 * winner is held to it.
 */
function elsewhereOf({ score: { elsewhere = {} } }: Tried): string {
  const limit = signedPercent(-HELD_OUT_LOSS);
  return Object.values(elsewhere)
    .map((gain) => {
      const isOver = gain < -HELD_OUT_LOSS;
      const cost = isOver
        ? `, ${signedPercent(-WEIGHT * (-gain - HELD_OUT_LOSS))} on its rank`
        : ', within the limit';
      return `; on another load, not shown: ${gain === -1 ? 'it did not hold, or −100 %' : signedPercent(gain)} (limit ${limit}${cost})`;
    })
    .join('');
}

const policyLine = (archive: ArchiveView, names: Names, one: Tried): string =>
  `- ${names.of(one.candidate)}, ${one.gain === null ? 'no figure' : signedPercent(one.gain)}: ${figures(archive, one.score.metrics)}${elsewhereOf(one)}`;

/** One of the model's own: what it was made from and is, and what became of it, good or bad. */
function ownLine(archive: ArchiveView, names: Names, one: Tried): string {
  const { candidate, score } = one;
  const [parent] = candidate.parents;
  const from = parent === undefined ? '' : ` (from ${names.of({ id: parent })})`;
  const became =
    score.dropped !== undefined
      ? `dropped: ${plain(score.dropped, 300)}`
      : score.unmeasured !== undefined
        ? 'not measured, for the lab failed: no verdict'
        : `${signedPercent(one.gain)}: ${figures(archive, score.metrics)}${elsewhereOf(one)}`;
  return `- ${names.of(candidate)}${from}: ${plain(candidate.words, 200)} → ${became}`;
}

const railText = ({ metric, rule, value, why }: Guardrail): string =>
  `- ${metric} ${rule.replace('default', 'the kernel’s own')} ${value} (${why})`;

/** What a model is told beside the archive. */
export interface Known {
  readonly guardrails: readonly Guardrail[];
  /** The repository's policies, measured. */
  readonly stock?: readonly Tried[];
  /** One window of EEVDF with the sampler: the load's signature and behaviour. */
  readonly sampled: Metrics;
  /** The question's number: each of a search asks for another direction. */
  readonly turn?: number;
  /** What the model has proposed since, and nobody has measured yet. */
  readonly underWay?: readonly string[];
}

/** Where to look, one question after the other, so that no two of a generation are the same. */
const DIRECTIONS = [
  'the order of the queue: who goes first, and what a task’s key is made of',
  'where a task goes when it wakes: which CPU, which queue, and when it may skip the queue',
  'turns: how long they are, for whom, and what ends one early',
  'preemption: when a woken task may take a CPU at once, and what that costs the others',
  'fewer switches, migrations and wake-ups for the same waits',
] as const;

/** All that a model is told of a search, as it stands now: bounded, whatever the search's length. */
export function material(
  archive: ArchiveView,
  { guardrails, stock = [], sampled, turn = 0, underWay = [] }: Known,
): string {
  const names = new Names(archive);
  const { case: where, own, elites, tried } = archive;
  const { objective, cpus } = where;
  const { name, summary, metrics } = workloadByName(where.workload);
  const best = [...elites, ...stock]
    .filter(({ gain }) => gain !== null)
    .sort((a, b) => (b.gain as number) - (a.gain as number))
    .slice(0, MOST_SHOWN);
  const sources = best.slice(0, MOST_SOURCES);
  const mine = tried.filter(({ candidate }) => candidate.by === 'model').slice(-MOST_OWN);
  const dropped = tried
    .filter(({ score, candidate }) => score.dropped !== undefined && candidate.by !== 'model')
    .slice(-MOST_DROPPED);
  const parameters = Object.entries(where.parameters).map(([key, value]) => `${key} ${value}`);
  return [
    `Workload: ${name}, ${summary}; ${cpus} CPUs. ${parameters.join(', ')}.`,
    `Goal: ${objective.metric} as ${objective.direction === 'lower' ? 'low' : 'high'} as possible (${metrics[objective.metric]?.meaning ?? objective.meaning}).`,
    `Limits:\n${guardrails.map(railText).join('\n')}\n- other workloads, which you are not shown, may not become worse by more than 2 %: twice what is lost beyond that is taken from a policy’s rank, and who loses more in the end is no winner\n- a winner passes probes: ${PROBES.map(({ name, about }) => `${name} (${about})`).join('; ')}`,
    `The kernel’s own scheduler (EEVDF): ${figures(archive, own.metrics)}`,
    `How the load behaves under it, one whole window: ${listed(archive, sampled, SAMPLED)}`,
    `Its signature, counters of the machine: ${listed(archive, sampled, Object.keys(SIGNATURE_METRICS))}`,
    ...(best.length > 0
      ? [
          `Measured so far, best first, gain over EEVDF:\n${best.map((one) => policyLine(archive, names, one)).join('\n')}`,
        ]
      : []),
    ...sources.map(
      (one) => `Body of ${names.of(one.candidate)}:\n<data of="policy">\n${bodyOf(one.candidate)}\n</data>`,
    ),
    ...(mine.length > 0
      ? [
          `Your last policies, and what became of each:\n<data of="own">\n${mine.map((one) => ownLine(archive, names, one)).join('\n')}\n</data>`,
        ]
      : []),
    ...(dropped.length > 0
      ? [
          `Of others, dropped lately:\n<data of="reasons">\n${dropped.map(({ candidate, score }) => `${names.of(candidate)}: ${JSON.stringify(plain(score.dropped ?? '', 200))}`).join('\n')}\n</data>`,
        ]
      : []),
    ...(underWay.length > 0
      ? [
          `Proposed by you just now, not measured yet; do not propose the like again:\n<data of="under-way">\n${underWay.map((words) => `- ${plain(words, 300)}`).join('\n')}\n</data>`,
        ]
      : []),
    `Question ${turn + 1}. Write a policy that does better, and differs from these in an idea and not in numbers alone. Look this time at ${DIRECTIONS[turn % DIRECTIONS.length]}; leave it where you are sure that something else gains more.`,
  ].join('\n\n');
}
