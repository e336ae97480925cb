import type { Target } from '../../change/target.js';
import type { Knob } from '../../knobs/types.js';
import type { Cycle } from '../../loop/result.js';
import { tune } from '../../loop/tune.js';
import { settled } from '../../tuners/speculative/settled.js';
import type { Tuner, TuningContext } from '../../tuners/types.js';
import type { Workload } from '../../workloads/types.js';
import { listening, type Words } from '../study/words.js';

/** What one arm did. */
export interface ArmRun extends Words {
  readonly arm: string;
  readonly cycles: readonly Cycle[];
  readonly context: TuningContext;
  /** What the arm has to say, whether it asked a model or not. */
  readonly remarks: readonly string[];
}

export interface ArmCase {
  readonly workload: Workload;
  readonly knobs: readonly Knob[];
  /** Windows of each arm, the bad start's own included. */
  readonly cycles: number;
  /** A machine of one's own, badly set. */
  readonly target: () => Target;
}

/**
 * Runs the arms, beside each other; those that ask a model one after the other, so that a tape has their calls in one
 * order.
 */
export async function runArms(
  arms: readonly Tuner[],
  study: ArmCase,
  note: (text: string) => void = () => {},
): Promise<readonly ArmRun[]> {
  let queue: Promise<unknown> = Promise.resolve();
  return Promise.all(
    arms.map((arm) => {
      const run = async () => {
        const done = await runArm(arm, study);
        note(`${arm.name}: done`);
        return done;
      };
      if ((arm.accounts?.() ?? []).length === 0) return run();
      const after = queue.then(run);
      queue = after;
      return after;
    }),
  );
}

async function runArm(tuner: Tuner, { workload, knobs, cycles, target }: ArmCase): Promise<ArmRun> {
  const words = listening(tuner);
  // What a bad start does is no measure of what may not be done: no guardrails in a study of recovery.
  const free = { ...workload, guardrails: [] };
  const outcome = await tune({
    target: target(),
    workload: free,
    knobs,
    tuner: staying(tuner),
    cycles,
    seed: 1,
  });
  const { cycles: done, context } = outcome;
  return { arm: tuner.name, cycles: done, context, ...words(), remarks: tuner.remarks?.() ?? [] };
}

/** All arms have as many windows: one that has nothing left to try goes on with its best. */
const staying = (tuner: Tuner): Tuner => ({
  ...tuner,
  propose: async (history, context) => (await tuner.propose(history, context)) ?? settled(history, context),
});
