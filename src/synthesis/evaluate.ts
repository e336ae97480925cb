import { canonical } from '../canonical.js';
import { messageOf, TunesmithError } from '../errors.js';
import type { Lab } from '../lab/lab.js';
import { policySpec } from '../lab/policy.js';
import { type PreparedTrial, prepareTrial } from '../lab/prepare.js';
import type { TrialResult } from '../lab/trial.js';
import { figureIn } from '../loop/objective.js';
import { endOf } from '../policies/status.js';
import { checkGuardrails } from '../workloads/guardrails.js';
import type { Metrics } from '../workloads/types.js';
import { meanMetrics, meanOf } from './means.js';
import { ObjectShelf } from './objects.js';
import type { Candidate, Case, Effort, Evaluator, Score } from './types.js';

/** One that forgets a task for so long is ejected, ms of guest time; windows may be shorter. */
const TIMEOUT_MS = 1000;

interface Windows {
  readonly results: readonly TrialResult[];
  readonly dropped?: string;
}

/**
 * Measures candidates in the lab: one trial a seed, of a machine that has just been restored (search) or has booted
 * cold (referee). Trials come from the lab's cache where they are known. A search goes without the sampler's programs,
 * which take a third of its time.
 */
export class LabEvaluator implements Evaluator {
  private readonly shelf = new ObjectShelf();
  private readonly prepared = new Map<string, Promise<PreparedTrial>>();
  private readonly owns = new Map<string, Promise<readonly TrialResult[]>>();

  /** The caller closes the lab. */
  constructor(private readonly lab: Lab) {}

  /**
   * @throws TunesmithError incapable when this machine has no lab, usage for a case there is not, guest when a guest is
   * lost under the kernel's own scheduler.
   */
  async score(candidate: Candidate | null, where: Case, effort: Effort): Promise<Score> {
    const own = await this.own(where, effort);
    if (candidate === null) return scored('own', where, effort, { results: own });
    const windows = await this.under(candidate, where, effort);
    const score = scored(candidate.id, where, effort, windows);
    if (score.dropped !== undefined) return score;
    const { workload } = await this.trialOf(where);
    const { breaches } = checkGuardrails(
      workload,
      score.metrics,
      own.map(({ metrics }) => metrics),
    );
    return breaches.length === 0
      ? score
      : { ...score, value: null, dropped: `guardrail: ${breaches.join('; ')}` };
  }

  /**
   * One window of the kernel's own scheduler with the sampler's figures, which searches go without: how a load behaves.
   * @throws as score
   */
  async sampled(where: Case): Promise<Metrics> {
    const { spec, defaults, files } = await this.trialOf(where);
    return (await this.lab.trial({ ...spec, knobs: defaults }, files, 'search')).metrics;
  }

  private trialOf({ kernel, workload, parameters, cpus }: Case): Promise<PreparedTrial> {
    const request = { kernel, workload, parameters, cpus, seed: 1 };
    return once(this.prepared, request, () => prepareTrial(this.lab, request));
  }

  private own(where: Case, effort: Effort): Promise<readonly TrialResult[]> {
    return once(this.owns, { where, effort }, async () => {
      const trial = await this.trialOf(where);
      const { seeds, rigour } = effort;
      return Promise.all(
        seeds.map((seed) => this.lab.trial(specOf(trial, effort, seed), trial.files, rigour)),
      );
    });
  }

  /** In a search seed by seed, so that one that fails costs no more; a referee's seldom do, and go side by side. */
  private async under(candidate: Candidate, where: Case, effort: Effort): Promise<Windows> {
    const trial = await this.trialOf(where);
    const { object, dropped } = await this.shelf.object(candidate.source, trial.kernel);
    if (!object) return { results: [], dropped: dropped ?? 'compile: no object' };
    const policy = policySpec({ object, tunables: candidate.tunables, timeoutMs: TIMEOUT_MS });
    const window = (seed: number): Promise<Windows> => {
      const spec = { ...specOf(trial, effort, seed), policy };
      return windowOf(this.lab.trial(spec, { ...trial.files, policy: object }, effort.rigour));
    };
    if (effort.rigour === 'referee') return inOrder(await Promise.all(effort.seeds.map(window)));
    const windows: Windows[] = [];
    for (const seed of effort.seeds) {
      windows.push(await window(seed));
      if (windows.at(-1)?.dropped !== undefined) break;
    }
    return inOrder(windows);
  }
}

/** A trial under a policy: what it measured, and why the policy is dropped if it is. */
async function windowOf(trial: Promise<TrialResult>): Promise<Windows> {
  try {
    const result = await trial;
    const ended = result.policyRuns?.find(({ held }) => !held);
    return { results: [result], ...(ended && { dropped: `trial/ejected: ${endOf(ended.status.exit)}` }) };
  } catch (error) {
    return { results: [], dropped: faultOf(error) };
  }
}

/** Windows together, up to the first in which the policy did not hold. */
function inOrder(windows: readonly Windows[]): Windows {
  const end = windows.findIndex(({ dropped }) => dropped !== undefined);
  const counted = end < 0 ? windows : windows.slice(0, end + 1);
  const dropped = counted.at(-1)?.dropped;
  return { results: counted.flatMap(({ results }) => results), ...(dropped !== undefined && { dropped }) };
}

/** Work that is done once for each of its subjects. */
function once<T>(done: Map<string, Promise<T>>, subject: object, work: () => Promise<T>): Promise<T> {
  const key = canonical(subject);
  const known = done.get(key) ?? work();
  done.set(key, known);
  return known;
}

/** What of an error is the policy's own. @throws everything else. */
function faultOf(error: unknown): string {
  if (!(error instanceof TunesmithError)) throw error;
  const hint = error.hint === undefined ? '' : ` (${error.hint.slice(0, 500)})`;
  if (error.code === 'rejected' || error.code === 'usage') return `load: ${messageOf(error)}${hint}`;
  if (error.code === 'guest') return `trial/guest-lost: ${error.message}`;
  throw error;
}

const specOf = ({ spec, defaults }: PreparedTrial, effort: Effort, seed: number) => ({
  ...spec,
  knobs: defaults,
  seed,
  windowNs: effort.windowNs,
  ...(effort.rigour === 'search' && { telemetry: false as const }),
});

function scored(candidate: string, where: Case, effort: Effort, { results, dropped }: Windows): Score {
  const values = results.map(({ metrics }) => figureIn(metrics, where.objective));
  const value = dropped === undefined ? meanOf(values) : null;
  const reason = dropped ?? (value === null ? `trial: it yields no ${where.objective.metric}` : undefined);
  return {
    candidate,
    effort,
    value,
    values,
    metrics: meanMetrics(results.map(({ metrics }) => metrics)),
    keys: results.map(({ key }) => key),
    ...(reason === undefined ? {} : { dropped: reason }),
  };
}
