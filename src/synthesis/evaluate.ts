import { canonical } from '../canonical.js';
import { MachineFailed, messageOf, TunesmithError } from '../errors.js';
import type { Lab, TrialFiles } from '../lab/lab.js';
import { type PolicyRun, policySpec } from '../lab/policy.js';
import { type PreparedTrial, prepareTrial } from '../lab/prepare.js';
import type { SeriesStep } from '../lab/series.js';
import type { TrialSpec } from '../lab/trial.js';
import { figureIn } from '../loop/objective.js';
import { endOf } from '../policies/status.js';
import { checkGuardrails } from '../workloads/guardrails.js';
import { workloadByName } from '../workloads/index.js';
import type { Metrics } from '../workloads/types.js';
import { phaseNs } from './efforts.js';
import { meanMetrics, meanOf } from './means.js';
import { ObjectShelf } from './objects.js';
import { Patience } from './patience.js';
import { type Costing, costOf } from './plan.js';
import {
  type Candidate,
  type Case,
  type Effort,
  type Evaluator,
  type Score,
  STOPPED,
  unmeasured,
} from './types.js';

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
export class LabEvaluator implements Evaluator, Costing {
  private readonly shelf: ObjectShelf;
  private readonly prepared = new Map<string, Promise<PreparedTrial>>();
  private readonly owns = new Map<string, Promise<Windows>>();

  private readonly patience: Patience;

  /** The caller closes the lab. */
  constructor(
    private readonly lab: Lab,
    note?: (text: string) => void,
  ) {
    this.patience = new Patience(note);
    this.shelf = new ObjectShelf(lab.signal);
  }

  /**
   * What this machine does not get measured is tried again when nothing else is under way, and said in the score; so is
   * what was under way when the lab was closed.
   * @throws TunesmithError incapable when this machine has no lab, usage for a case there is not, guest when a guest is
   * lost under the kernel's own scheduler.
   */
  async score(candidate: Candidate | null, where: Case, effort: Effort): Promise<Score> {
    const what = `${candidate === null ? 'EEVDF' : candidate.id} on ${where.workload}`;
    try {
      return await this.patience.run(what, () => this.once(candidate, where, effort));
    } catch (error) {
      if (!isMachines(error)) throw error;
      return unmeasured(
        candidate?.id ?? 'own',
        effort,
        error instanceof MachineFailed ? messageOf(error) : STOPPED,
      );
    }
  }

  /** Measurements under way. */
  get underWay(): number {
    return this.patience.underWay;
  }

  private async once(candidate: Candidate | null, where: Case, effort: Effort): Promise<Score> {
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
      const { spec, files } = await this.subject(null, where, effort);
      return this.windows(spec, files, effort);
    });
  }

  /** What is still to be measured of it, as CPU time, ms. @throws as score */
  async cost(candidate: Candidate | null, where: Case, effort: Effort): Promise<number> {
    try {
      return await this.missing(candidate, where, effort);
    } catch (error) {
      if (isMachines(error)) return costOf(where, effort);
      throw error;
    }
  }

  private async missing(candidate: Candidate | null, where: Case, effort: Effort): Promise<number> {
    const { spec, files, dropped } = await this.subject(candidate, where, effort);
    if (dropped !== undefined) return 0;
    const steps = stepsOf(spec, effort);
    const all = costOf(where, effort);
    if (effort.rigour === 'search') return this.lab.knowsSeries(spec, files, steps) ? 0 : all;
    const unknown = steps.filter((step) => !this.lab.knowsTrial({ ...spec, ...step }, effort.rigour));
    return (all * unknown.length) / steps.length;
  }

  private async under(candidate: Candidate, where: Case, effort: Effort): Promise<Windows> {
    const { spec, files, dropped } = await this.subject(candidate, where, effort);
    if (dropped !== undefined) return { results: [], dropped };
    try {
      return await this.windows(spec, files, effort);
    } catch (error) {
      return { results: [], dropped: faultOf(error) };
    }
  }

  /** What is asked of the lab for a candidate, or why it never comes to that. */
  private async subject(
    candidate: Candidate | null,
    where: Case,
    effort: Effort,
  ): Promise<{ spec: TrialSpec; files: TrialFiles; dropped?: string }> {
    const trial = await this.trialOf(where);
    const own = { spec: specOf(trial, effort), files: trial.files };
    if (candidate === null) return own;
    const shelved = await this.shelf.object(candidate.source, trial.kernel);
    if ('dropped' in shelved) return { ...own, dropped: shelved.dropped };
    const object = effort.rigour === 'search' ? shelved.lean : shelved.object;
    const policy = policySpec({ object, tunables: candidate.tunables, timeoutMs: TIMEOUT_MS });
    return { spec: { ...own.spec, policy }, files: { ...trial.files, policy: object } };
  }

  private async windows(spec: TrialSpec, files: TrialFiles, effort: Effort): Promise<Windows> {
    const { rigour } = effort;
    const steps = stepsOf(spec, effort);
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

function stepsOf({ workload, warmupNs }: TrialSpec, { seeds }: Effort): SeriesStep[] {
  const load = workloadByName(workload);
  return seeds.map((seed) => ({ seed, warmupNs: warmupNs + phaseNs(load, seed) }));
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
  known.catch(() => done.delete(key));
  return known;
}

/** That it could not be measured here, or not any more: no verdict. */
const isMachines = (error: unknown): error is Error =>
  error instanceof MachineFailed || (error instanceof TunesmithError && error.code === 'interrupted');

/** What of an error is the policy's own. @throws everything else, a failure of this machine among it. */
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
