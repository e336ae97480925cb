import { plain } from '../../tuners/llm/fence.js';
import { formatValue, signedPercent } from '../../units.js';
import { SYSTEM_METRICS } from '../../workloads/common.js';
import { workloadByName } from '../../workloads/index.js';
import { SIGNATURE_METRICS } from '../../workloads/signature.js';
import type { Guardrail, Metrics } from '../../workloads/types.js';
import type { ArchiveView, Tried } from '../types.js';

/** Policies that are shown with figures, and of those how many with their source. */
const MOST_SHOWN = 8;
const MOST_SOURCES = 2;
const MOST_SOURCE = 7000;
const MOST_DROPPED = 5;

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

const figures = (archive: ArchiveView, metrics: Metrics): string =>
  listed(archive, metrics, [...new Set([archive.case.objective.metric, ...TELLING])]);

function listed({ case: { workload } }: ArchiveView, metrics: Metrics, names: readonly string[]): string {
  return names
    .flatMap((name) => {
      const value = metrics[name];
      return value === undefined ? [] : [`${name} ${formatValue(value, unitOf(workload, name))}`];
    })
    .join(', ');
}

const policyLine = (archive: ArchiveView, { candidate, score, gain }: Tried): string =>
  `- ${candidate.id} (${candidate.by}), ${gain === null ? 'no figure' : signedPercent(gain)}: ${figures(archive, score.metrics)}`;

/** A policy's callbacks, without what is ours in its source; of one made of genes, which is long, what was chosen. */
export function bodyOf({ by, source, tunables, words }: Tried['candidate']): string {
  const chosen = Object.entries(tunables).map(([name, value]) => `${name}=${value}`);
  if (by === 'genes') return `${plain(words, 400)}; ${chosen.join(', ')}`;
  const body = source
    .replace(/^[\s\S]*?LICENSE\[\][^\n]*\n/, '')
    .replace(/\nPOLICY_EXIT[\s\S]*$/, '\n')
    .trim();
  const cut = body.length > MOST_SOURCE ? `${body.slice(0, MOST_SOURCE)}\n/* cut */` : body;
  return `${chosen.length > 0 ? `/* set: ${chosen.join(', ')} */\n` : ''}${cut.replaceAll(/<\/?data/g, '<')}`;
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
}

/** All that a model is told of a search, as it stands now: bounded, whatever the search's length. */
export function material(archive: ArchiveView, { guardrails, stock = [], sampled }: Known): string {
  const { case: where, own, elites, tried } = archive;
  const { objective, cpus } = where;
  const { name, summary, metrics } = workloadByName(where.workload);
  const best = [...elites, ...stock]
    .filter(({ gain }) => gain !== null)
    .sort((a, b) => (b.gain as number) - (a.gain as number))
    .slice(0, MOST_SHOWN);
  const sources = best.slice(0, MOST_SOURCES);
  const dropped = tried.filter(({ score }) => score.dropped !== undefined).slice(-MOST_DROPPED);
  const parameters = Object.entries(where.parameters).map(([key, value]) => `${key} ${value}`);
  return [
    `Workload: ${name}, ${summary}; ${cpus} CPUs. ${parameters.join(', ')}.`,
    `Goal: ${objective.metric} as ${objective.direction === 'lower' ? 'low' : 'high'} as possible (${metrics[objective.metric]?.meaning ?? objective.meaning}).`,
    `Limits:\n${guardrails.map(railText).join('\n')}\n- other workloads, which you are not shown, may not become worse by more than 2 %`,
    `The kernel’s own scheduler (EEVDF): ${figures(archive, own.metrics)}`,
    `How the load behaves under it, one whole window: ${listed(archive, sampled, SAMPLED)}`,
    `Its signature, counters of the machine: ${listed(archive, sampled, Object.keys(SIGNATURE_METRICS))}`,
    ...(best.length > 0
      ? [
          `Measured so far, best first, gain over EEVDF:\n${best.map((one) => policyLine(archive, one)).join('\n')}`,
        ]
      : []),
    ...sources.map(
      (one) => `Body of ${one.candidate.id}:\n<data of="policy">\n${bodyOf(one.candidate)}\n</data>`,
    ),
    ...(dropped.length > 0
      ? [
          `Dropped lately:\n<data of="reasons">\n${dropped.map(({ score }) => JSON.stringify(plain(score.dropped ?? '', 200))).join('\n')}\n</data>`,
        ]
      : []),
    'Write a policy that does better, and differs from these in an idea and not in numbers alone.',
  ].join('\n\n');
}
