import { usageError } from '../errors.js';
import { knobsOf } from '../knobs/catalogue.js';
import { parseKnobList } from '../knobs/parse.js';
import type { Knob, SchedulerClass } from '../knobs/types.js';
import type { Lab } from '../lab/lab.js';
import { checkTrial, type PreparedTrial, prepareTrial, type TrialRequest } from '../lab/prepare.js';
import { LabTarget } from '../lab/target.js';
import type { Account } from '../loop/account.js';
import { assembleResult } from '../loop/assemble.js';
import { compare } from '../loop/compare.js';
import { objectiveOf } from '../loop/objective.js';
import { ownWords } from '../loop/own-words.js';
import type { TuneResult } from '../loop/result.js';
import { tune } from '../loop/tune.js';
import type { Progress, TuneOptions } from '../loop/types.js';
import { makeTuner } from '../tuners/index.js';
import type { ModelSettings } from '../tuners/llm/settings.js';
import { workloadByName } from '../workloads/index.js';

export interface RivalRequest {
  readonly tuner: string;
  readonly cycles: number;
  readonly points?: number;
}

/** One tuning case in the lab, as the command line asks for it. */
export interface TuneCase {
  readonly request: TrialRequest;
  /** Comma-separated knobs; undefined takes the scheduler's usual ones. */
  readonly knobs?: string | undefined;
  readonly tuner: string;
  readonly points?: number | undefined;
  /** `human`: the file with its choices. */
  readonly trace?: string | undefined;
  /** The tuner's own seed; undefined takes the trial's. */
  readonly tunerSeed?: number | undefined;
  /** For a tuner that asks models. */
  readonly models?: ModelSettings | undefined;
  /** Measured windows in all, the default's included. */
  readonly cycles: number;
  readonly objective?: string | undefined;
  readonly referee: boolean;
  /** Settings of each tuner that the referee hears, and windows it averages; default 1, and the workload's. */
  readonly finalists?: number | undefined;
  readonly refereeWindows?: number | undefined;
  readonly rivals: readonly RivalRequest[];
  /** What a person types to run it again. */
  readonly command: string;
}

/** Called as a case goes on. */
export interface CaseHooks {
  readonly signal?: AbortSignal | undefined;
  readonly onPrepared?: (trial: PreparedTrial) => void;
  readonly onCycle?: (progress: Progress) => void;
  readonly onPhase?: (what: string) => void;
  /** Keeps an account of the run. */
  readonly account?: Account;
}

/** The knobs the paper and the kernel's documentation name first for a scheduler. */
const USUAL: Readonly<Record<SchedulerClass, string>> = {
  cfs: 'latency_ns,min_granularity_ns',
  eevdf: 'base_slice_ns',
};

/**
 * Checks what a case names before anything is fetched, built or booted: load, kernel, knobs, objective, tuner.
 * @throws TunesmithError usage naming the field; incapable for a model without its key
 */
export function checkCase(what: Pick<TuneCase, 'request' | 'knobs' | 'objective'>): void {
  const { workload, scheduler } = checkTrial(what.request);
  objectiveOf(workload, what.objective);
  if (what.knobs !== undefined) parseKnobList(what.knobs, scheduler);
}

function chooseKnobs(list: string | undefined, { kernel, defaults }: PreparedTrial): readonly Knob[] {
  const knobs = parseKnobList(list ?? USUAL[kernel.scheduler], kernel.scheduler);
  const absent = knobs.find(({ name }) => defaults[name] === undefined);
  if (absent) {
    const there = knobsOf(kernel.scheduler).filter(({ name }) => name in defaults);
    const names = there.map(({ name }) => name).join(', ');
    throw usageError('--tune', absent.name, `is not in Linux ${kernel.release}`, `it has ${names}`);
  }
  return knobs;
}

/** Runs a case: prepares the guest, tunes, lets the referee confirm, runs the rivals, assembles the result. */
export async function runCase(lab: Lab, what: TuneCase, hooks: CaseHooks = {}): Promise<TuneResult> {
  checkCase(what);
  // A key that is missing should not be found out after a minute.
  const tuner = makeTuner(what.tuner, {
    points: what.points,
    trace: what.trace,
    models: { ...what.models, signal: hooks.signal },
    windowS: (what.request.windowNs ?? workloadByName(what.request.workload).windowNs) / 1e9,
  });
  const prepared = await prepareTrial(lab, what.request);
  const trial = {
    ...prepared,
    windows: { ...prepared.windows, referee: what.refereeWindows ?? prepared.windows.referee },
  };
  hooks.onPrepared?.(trial);
  const { workload, kernel, qemu, spec } = trial;
  const knobs = chooseKnobs(what.knobs, trial);
  const shared = {
    workload,
    load: { parameters: spec.parameters, windowNs: spec.windowNs },
    knobs,
    seed: what.tunerSeed ?? what.request.seed,
    objective: what.objective,
    referee: what.referee,
    finalists: what.finalists,
    signal: hooks.signal,
  };
  const target = new LabTarget(lab, trial);
  // Rivals run beside the tuner: the lab has a machine a core, and one tuner alone keeps but one of them busy.
  const rivals = compare(
    what.rivals.map((rival) => ({
      tuner: makeTuner(rival.tuner, { points: rival.points }),
      cycles: rival.cycles,
      target: async () => new LabTarget(lab, trial),
    })),
    {
      ...shared,
      parallel: what.rivals.length,
      onRival: (rival) => hooks.onPhase?.(`rival done: ${rival.name}`),
    },
  );
  const options: TuneOptions = {
    ...shared,
    target,
    tuner,
    cycles: what.cycles,
    onCycle: hooks.onCycle,
    onReferee: (which, turn) =>
      hooks.onPhase?.(`referee: ${turn ? `finalist ${turn.turn} of ${turn.of}` : which}`),
  };
  const tuned = tune((await hooks.account?.(options, { points: what.points })) ?? options);
  const [outcome, rows] = await Promise.all([tuned, rivals]);
  return assembleResult(outcome, {
    command: what.command,
    target: {
      name: target.name,
      kind: 'lab',
      kernel: kernel.release,
      scheduler: kernel.scheduler,
      cpus: spec.shape.cpus,
      qemu: qemu.version,
    },
    parameters: { ...spec.parameters },
    windowNs: spec.windowNs,
    rivals: [...rows],
    ...ownWords(tuner),
  });
}
