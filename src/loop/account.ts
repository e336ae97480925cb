import { randomUUID } from 'node:crypto';
import type { Target } from '../change/target.js';
import type { Ledger } from '../ledger/ledger.js';
import type { TunerOptions } from '../tuners/index.js';
import { recorded } from './recorded.js';
import type { TuneOptions } from './types.js';
import { measureWindow } from './window.js';

/** Lets a run of the loop leave an account behind: the same options, listened in on. */
export type Account = (options: TuneOptions, tunerOptions: TunerOptions) => Promise<TuneOptions>;

/**
 * Records in a ledger all that a run rests on and decides: what it was asked, every measurement, every cycle. From
 * these `replayLedger` makes the decisions again.
 */
export const accountIn =
  (ledger: Ledger, caller: string): Account =>
  async (options, tunerOptions) => {
    const run = randomUUID();
    const { target, workload, knobs, tuner, cycles, seed } = options;
    ledger.append({
      ...{ kind: 'run', run, caller, before: { ...(await target.defaults()) } },
      details: {
        ...{ workload: workload.name, tuner: tuner.name, tunerOptions, cycles, seed },
        ...{ objective: options.objective ?? workload.objective, knobs: knobs.map(({ name }) => name) },
        target: {
          name: target.name,
          scheduler: target.scheduler,
          cpus: target.cpus,
          repeats: target.repeats ?? null,
          exact: target.exact ?? false,
        },
      },
    });
    let epoch = 0;
    return {
      ...options,
      target: listening(target, (rigour, measurement) => {
        const { metrics, distributions: _, ...details } = recorded(measurement);
        ledger.append({
          ...{ kind: 'measurement', run, epoch, caller, metrics },
          // No decision rests on the distributions, and they are large.
          details: { rigour, ...details },
        });
      }),
      onCycle: (progress) => {
        const { cycle, values, outcome, reason, note, objective } = progress.cycle;
        epoch = cycle + 1;
        ledger.append({
          ...{ kind: 'cycle', run, epoch: cycle, caller, decision: outcome, after: values },
          ...{ reasons: [reason, note].map((text) => text.slice(0, 2000)), details: { objective } },
        });
        options.onCycle?.(progress);
      },
    };
  };

/** The same target, each of its measurements told. */
const listening = (
  target: Target,
  tell: (
    rigour: Parameters<Target['measure']>[0],
    measurement: Awaited<ReturnType<Target['measure']>>,
  ) => void,
): Target => ({
  name: target.name,
  scheduler: target.scheduler,
  cpus: target.cpus,
  repeats: target.repeats,
  exact: target.exact,
  defaults: () => target.defaults(),
  apply: (values) => target.apply(values),
  // What a tuner looks at beside the run decides nothing by itself.
  ...(target.another
    ? { another: (values) => (target.another as NonNullable<Target['another']>)(values) }
    : {}),
  close: () => target.close(),
  measure: async (rigour) => {
    // A window without figures is told like any other: replay comes to the same place in the run.
    const measurement = await measureWindow(target, rigour);
    tell(rigour, measurement);
    return measurement;
  },
});
