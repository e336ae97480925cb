import type { Refusal } from '../../host/locate.js';
import { offer } from '../../host/offer.js';
import { parseScope } from '../../host/scope.js';
import { ALL_KNOBS } from '../../knobs/catalogue.js';
import type { Knob, SchedulerClass } from '../../knobs/types.js';

/** A knob of this machine as it is now. */
export interface KnobNow {
  readonly knob: Knob;
  readonly value: number;
}

/** Knobs that are a load's or a task's own, which the machine as a whole has no value of. */
const isOwn = (name: string, scoped: boolean): boolean => !scoped && name === 'slice_ns';

/**
 * What can be read here, and what cannot and why. Writes nothing.
 * @param scope `cgroup:/PATH`, `pid:N`, `tree:PID`; the whole machine unless said
 * @throws TunesmithError (usage) for a scope that is not there
 */
export function knobsNow(
  scheduler: SchedulerClass,
  scope?: string,
): { readonly knobs: readonly KnobNow[]; readonly refused: readonly Refusal[] } {
  const scoped = scope !== undefined && scope !== 'machine';
  const { settings, refused } = offer(scheduler, scoped ? parseScope(scope) : { kind: 'load' });
  return {
    knobs: settings
      .filter(({ knob }) => !isOwn(knob, scoped))
      .map(({ knob, before }) => ({
        knob: ALL_KNOBS.find(({ name }) => name === knob) as Knob,
        value: before,
      })),
    refused,
  };
}
