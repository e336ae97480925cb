import { usageError } from '../errors.js';
import { objectiveOf } from '../loop/objective.js';
import type { NamedObjective } from '../loop/types.js';
import { nearHint } from '../near.js';
import type { Guardrail, Workload } from '../workloads/types.js';

/** What a search is to improve and what it may not give up. */
export interface Goal {
  readonly objective: NamedObjective;
  /** The workload's own, with those of the goal in place of the same metric's. */
  readonly guardrails: readonly Guardrail[];
}

const FORM = '"lower METRIC" or "raise METRIC", then any number of "keep METRIC within N %"';
const EXAMPLE = `${FORM}; for example "lower p99, keep throughput within 3 %"`;
const TO_LOWER = /^(?:lower|reduce|cut|minimi[sz]e)\s+(.+)$/;
const TO_RAISE = /^(?:raise|increase|maximi[sz]e)\s+(.+)$/;
const TO_KEEP = /^(?:keep|hold)\s+(.+?)\s+within\s+(\d+(?:\.\d+)?)\s*%$/;

/** Percentiles and the like, by the words for them. */
const FIGURES: Readonly<Record<string, string>> = {
  p50: 'p50',
  median: 'p50',
  p95: 'p95',
  p99: 'p99',
  latency: 'p99',
  p999: 'p999',
  'p99.9': 'p999',
  max: 'max',
  worst: 'max',
  mean: 'mean',
  average: 'mean',
};

/**
 * A goal from a sentence: clauses with commas, semicolons or "and" between them. Without one, the workload's own
 * objective and guardrails.
 * @throws TunesmithError (usage) naming --goal, the clause that is not understood, and the grammar
 */
export function parseGoal(workload: Workload, text?: string, objective?: string): Goal {
  const clauses = (text ?? '').split(/\s*(?:[,;]|\band\b)\s*/i).filter((clause) => clause !== '');
  if (text !== undefined && clauses.length === 0) throw usageError('--goal', text, 'says nothing', EXAMPLE);
  let named: NamedObjective | undefined;
  const kept: Guardrail[] = [];
  for (const clause of clauses.map((part) => part.toLowerCase().trim())) {
    const [lower, raise, keep] = [TO_LOWER.exec(clause), TO_RAISE.exec(clause), TO_KEEP.exec(clause)];
    if (keep) kept.push(railOf(workload, keep[1] as string, Number(keep[2])));
    else if (lower ?? raise) {
      if (named)
        throw usageError('--goal', clause, 'is a second thing to improve', 'name one, and keep the others');
      named = wanted(workload, (lower ?? raise)?.[1] as string, lower ? 'lower' : 'higher');
    } else throw usageError('--goal', clause, 'is not understood', EXAMPLE);
  }
  if (named && objective !== undefined && objective !== named.metric)
    throw usageError(
      '--objective',
      objective,
      `is not what --goal names, ${named.metric}`,
      'leave one of them out',
    );
  const others = workload.guardrails.filter(({ metric }) => kept.every((rail) => rail.metric !== metric));
  return { objective: named ?? objectiveOf(workload, objective), guardrails: [...others, ...kept] };
}

const SAMPLED = /^(?:runq_latency|slice)_|^(?:service_jain|queued_mean|idle_while_queued_share)$/;

/** Whether a metric is the sampler's, without which searches go. */
export const isSampled = (metric: string): boolean => SAMPLED.test(metric);

function wanted(workload: Workload, words: string, direction: 'lower' | 'higher'): NamedObjective {
  const objective = objectiveOf(workload, metricOf(workload, words));
  if (objective.direction !== direction)
    throw usageError(
      '--goal',
      words,
      `is better when it is ${objective.direction}`,
      `${objective.direction === 'lower' ? 'lower' : 'raise'} it`,
    );
  return objective;
}

function railOf(workload: Workload, words: string, percent: number): Guardrail {
  const metric = metricOf(workload, words);
  const { direction } = objectiveOf(workload, metric);
  if (percent >= 100) throw usageError('--goal', `${percent} %`, 'is no limit', 'give less than 100 %');
  const share = Number((percent / 100).toPrecision(6));
  return {
    metric,
    ...(direction === 'lower'
      ? { rule: 'at most × default', value: 1 + share }
      : { rule: 'at least × default', value: 1 - share }),
    why: `the goal keeps it within ${percent} %`,
  };
}

/** A metric of a workload by its name, or by words: `p99`, `request p99`, `mean latency`, `throughput`. */
function metricOf({ metrics, objective }: Workload, words: string): string {
  const names = Object.keys(metrics);
  const exact = words.replaceAll(/[\s-]+/g, '_');
  if (Object.hasOwn(metrics, exact)) return exact;
  if (words === 'throughput' && 'throughput_per_s' in metrics) return 'throughput_per_s';
  const fair = ['fairness_jain', 'service_jain'].find((name) => name in metrics);
  if (words === 'fairness' && fair !== undefined) return fair;
  const parts = words.replace(/^the\s+/, '').split(/[\s-]+/);
  const figure = FIGURES[parts.find((part) => part !== 'latency' && part in FIGURES) ?? 'latency'];
  const named = parts.filter((part) => !(part in FIGURES)).join('_');
  const family = ['runq', 'run_queue'].includes(named) ? 'runq_latency' : named;
  const known = parts.some((part) => part in FIGURES);
  const own = /^([a-z]+)_(?:p\d+|max|mean)_ns$/.exec(objective)?.[1];
  const found = [family === '' ? own : family, ...(family === '' ? ['wakeup', 'runq_latency'] : [])]
    .map((name) => `${name}_${figure}_ns`)
    .find((name) => name in metrics);
  if (known && found !== undefined) return found;
  throw usageError(
    '--goal',
    words,
    'is no metric of this workload',
    `${nearHint(exact, names)}; words such as p99, mean latency and throughput work too`,
  );
}
