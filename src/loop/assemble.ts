import type { TuneResult } from './result.js';
import type { TuneOutcome } from './types.js';

/** What a result tells beyond what the loop knows: where it ran and how to run it again. */
export type About = Pick<TuneResult, 'command' | 'target' | 'parameters' | 'windowNs'> & {
  readonly rivals?: TuneResult['rivals'];
  readonly remarks?: readonly string[] | undefined;
  readonly models?: TuneResult['models'];
};

/** A run's outcome as the `TuneResult` that `result.json` holds. Pure. */
export function assembleResult(outcome: TuneOutcome, about: About): TuneResult {
  const { context, objective, referee } = outcome;
  return {
    schema: 'tunesmith.tune/1',
    command: about.command,
    target: about.target,
    workload: context.workload,
    parameters: about.parameters,
    windowNs: about.windowNs,
    seed: context.seed,
    tuner: outcome.tuner,
    objective: {
      metric: objective.metric,
      direction: objective.direction,
      unit: objective.unit,
      meaning: objective.meaning,
    },
    knobs: context.knobs.map(({ name, unit, min, max, scale }) => ({
      name,
      unit,
      min,
      max,
      scale,
      default: context.defaults[name] as number,
    })),
    cycles: [...outcome.cycles],
    best: { ...outcome.best, values: { ...outcome.best.values } },
    referee: referee && {
      default: referee.default,
      best: referee.best,
      gain: referee.gain,
      ...(referee.pairs ? { pairs: referee.pairs } : {}),
      ...(referee.finalists ? { finalists: referee.finalists } : {}),
    },
    rivals: about.rivals ?? [],
    ...(about.remarks ? { remarks: [...about.remarks] } : {}),
    ...(about.models ? { models: about.models } : {}),
    verdict: outcome.verdict,
  };
}
