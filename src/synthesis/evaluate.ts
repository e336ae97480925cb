import { canonical } from '../canonical.js';
import { messageOf, TunesmithError } from '../errors.js';
import type { Lab, TrialFiles } from '../lab/lab.js';
import { type PolicyRun, policySpec } from '../lab/policy.js';
import { type PreparedTrial, prepareTrial } from '../lab/prepare.js';
import type { TrialSpec } from '../lab/trial.js';
import { figureIn } from '../loop/objective.js';
import { endOf } from '../policies/status.js';
import { checkGuardrails } from '../workloads/guardrails.js';
import { workloadByName } from '../workloads/index.js';
import type { Metrics } from '../workloads/types.js';
import { phaseNs } from './efforts.js';
import { meanMetrics, meanOf } from './means.js';
import { ObjectShelf } from './objects.js';
import type { Candidate, Case, Effort, Evaluator, Score } from './types.js';

/** One that forgets a task for so long is ejected, ms of guest time; windows may be shorter. */
const TIMEOUT_MS = 1000;

/** What of a window a score is made of. */
interface Window {
  readonly metrics: Metrics;
  readonly key: string;
}

interface Windows {
  readonly results: readonly Window[];
  readonly dropped?: string;
}

/**
 * Measures candidates in the lab: in a search all windows of an effort one after the other in one guest, under a policy
 * that is loaded once; for the referee each in a guest that has booted cold. Both come from the lab's cache where they
 * are known. A search goes without the sampler's programs, which take a third of its time, and loads objects that are made
 * for this kernel alone.
 */
export class LabEvaluator implements Evaluator {
  private readonly shelf = new ObjectShelf();
  private readonly prepared = new Map<string, Promise<PreparedTrial>>();
  private readonly owns = new Map<string, Promise<Windows>>();

  /** The caller closes the lab. */
  constructor(private readonly lab: Lab) {}

  /**
   * @throws TunesmithError incapable when this machine has no lab, usage for a case there is not, guest when a guest is
   * lost under the kernel's own scheduler.
   */
  async score(candidate: Candidate | null, where: Case, effort: Effort): Promise<Score> {
    const own = await this.own(where, effort);
    if (candidate === null) return scored('own', where, effort, own);
    const windows = await this.under(candidate, where, effort);
    const score = scored(candidate.id, where, effort, windows);
    if (score.dropped !== undefined) return score;
    const { workload } = await this.trialOf(where);
    const { breaches } = checkGuardrails(
      workload,
      score.metrics,
      own.results.map(({ metrics }) => metrics),
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

  private own(where: Case, effort: Effort): Promise<Windows> {
    return once(this.owns, { where, effort }, async () => {
      const trial = await this.trialOf(where);
      return this.windows(specOf(trial, effort), trial.files, effort);
    });
  }

  private async under(candidate: Candidate, where: Case, effort: Effort): Promise<Windows> {
    const trial = await this.trialOf(where);
    const shelved = await this.shelf.object(candidate.source, trial.kernel);
    if ('dropped' in shelved) return { results: [], dropped: shelved.dropped };
    const object = effort.rigour === 'search' ? shelved.lean : shelved.object;
    const policy = policySpec({ object, tunables: candidate.tunables, timeoutMs: TIMEOUT_MS });
    try {
      const spec = { ...specOf(trial, effort), policy };
      return await this.windows(spec, { ...trial.files, policy: object }, effort);
    } catch (error) {
      return { results: [], dropped: faultOf(error) };
    }
  }

  private async windows(spec: TrialSpec, files: TrialFiles, { rigour, seeds }: Effort): Promise<Windows> {
    const workload = workloadByName(spec.workload);
    const steps = seeds.map((seed) => ({ seed, warmupNs: spec.warmupNs + phaseNs(workload, seed) }));
    if (rigour === 'search') {
      const { key, windows } = await this.lab.series(spec, files, steps);
      return heldIn(
        windows.map(({ metrics, policyRun }) => ({ metrics, key, runs: policyRun ? [policyRun] : [] })),
      );
    }
    const ended = await Promise.allSettled(
      steps.map((step) => this.lab.trial({ ...spec, ...step }, files, rigour)),
    );
    const trials = ended.map((trial) => {
      if (trial.status === 'rejected') throw trial.reason;
      return trial.value;
    });
    return heldIn(trials.map(({ metrics, key, policyRuns = [] }) => ({ metrics, key, runs: policyRuns })));
  }
}

/** Windows up to the first in which the policy did not hold, and how it ended. */
function heldIn(windows: readonly (Window & { readonly runs: readonly PolicyRun[] })[]): Windows {
  const end = windows.findIndex(({ runs }) => runs.some(({ held }) => !held));
  const ended = windows[end]?.runs.find(({ held }) => !held);
  if (!ended) return { results: windows };
  return { results: windows.slice(0, end + 1), dropped: `trial/ejected: ${endOf(ended.status.exit)}` };
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

const specOf = ({ spec, defaults }: PreparedTrial, effort: Effort): TrialSpec => ({
  ...spec,
  knobs: defaults,
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
    keys: [...new Set(results.map(({ key }) => key))],
    ...(reason === undefined ? {} : { dropped: reason }),
  };
}
