import type { Target } from '../change/target.js';
import { MachineFailed, TunesmithError, usageError } from '../errors.js';
import type { KnobValues } from '../knobs/types.js';
import type { TuningContext } from '../tuners/types.js';
import { TargetLost, WorkloadDied } from '../workloads/died.js';
import { runDefault } from './default-cycle.js';
import { Journal } from './journal.js';
import { figureIn, objectiveOf } from './objective.js';
import { confirm } from './referee.js';
import { putDefaultsBack } from './restore.js';
import { runCycle } from './step.js';
import type { Confirmation, NamedObjective, TuneOptions, TuneOutcome } from './types.js';
import { verdictOf } from './verdict.js';

/** Proposals that fail the checks one after the other before the run is ended. */
const MOST_REJECTED = 3;

/**
 * The one control loop: measures the default, then lets the tuner propose, checks, applies, measures a window,
 * keeps the setting or puts back the best so far, and records. A guardrail breach puts the default back at once.
 * Whatever happens, the defaults are in force again at the end: putting the best in force is the caller's choice.
 * @throws TunesmithError (usage) for settings that make no sense, and anything the target or the tuner throws
 */
export async function tune(options: TuneOptions): Promise<TuneOutcome> {
  const { target, tuner, signal } = options;
  const objective = objectiveOf(options.workload, options.objective);
  const context = contextOf(options, objective, await target.defaults());
  const journal = new Journal(context, options.onCycle, tuner.accounts !== undefined);
  let referee: Confirmation | null = null;
  let failure: { readonly error: unknown } | undefined;
  let lost: string | null = null;
  try {
    if (!signal?.aborted) await runDefault(options, journal);
    while (
      !signal?.aborted &&
      journal.counted < options.cycles &&
      journal.cycles.length < 2 * options.cycles
    ) {
      if (journal.rejectedInARow >= MOST_REJECTED) break;
      const started = Date.now();
      const proposal = await tuner.propose(journal.cycles, context);
      if (!proposal || signal?.aborted) break;
      await runCycle(options, journal, proposal, started);
    }
    if (options.referee && !signal?.aborted) referee = await confirm(options, journal);
  } catch (error) {
    // A target that is told to stop may well answer with an error: that is the interruption, not a failure. And what was
    // found before this machine failed was found: its failure is no verdict on the setting it was at.
    if (error instanceof MachineFailed && journal.cycles.length > 1) lost = error.message;
    else if (!signal?.aborted) failure = { error };
  }
  tuner.close?.();
  await putDefaultsBack(target, failure !== undefined || lost !== null);
  if (failure) throw failure.error;
  const interrupted = signal?.aborted ?? false;
  const { cycles, best } = journal;
  const verdict = verdictOf({
    objective,
    cycles,
    before: journal.defaultObjective,
    best,
    referee,
    ...{ interrupted, lost },
    confirmed: options.referee ?? false,
  });
  const ended = {
    verdict: lost === null ? verdict : { ...verdict, interrupted: true },
    interrupted: interrupted || lost !== null,
  };
  return { cycles, best, referee, ...ended, context, objective, tuner: tuner.name };
}

function contextOf(options: TuneOptions, objective: NamedObjective, defaults: KnobValues): TuningContext {
  const { knobs, cycles, seed, workload, target, load } = options;
  if (!Number.isSafeInteger(cycles) || cycles < 1)
    throw usageError('cycles', cycles, 'must be a whole number from 1');
  if (knobs.length === 0) throw usageError('knobs', [], 'names nothing to tune');
  const missing = knobs.find(({ name }) => defaults[name] === undefined);
  if (missing)
    throw new TunesmithError('incapable', `${missing.name}: ${target.name} does not offer this knob`, {
      hint: `it has ${Object.keys(defaults).join(', ') || 'none'}`,
    });
  return {
    ...{ knobs, defaults, objective, workload: workload.name, cpus: target.cpus, cycles, seed },
    ...(load ? { load } : {}),
    ...(target.exact ? { exact: true } : {}),
    ...(target.another && workload.seeded !== false
      ? { another: (values: KnobValues) => anotherFigure(target, values, objective) }
      : {}),
  };
}

/** The objective under another draw of the load; null where the workload died in it, or the machine. */
async function anotherFigure(
  target: Target,
  values: KnobValues,
  objective: NamedObjective,
): Promise<number | null> {
  try {
    return figureIn((await target.another?.(values))?.metrics ?? {}, objective);
  } catch (error) {
    if (error instanceof WorkloadDied || error instanceof TargetLost) return null;
    throw error;
  }
}
