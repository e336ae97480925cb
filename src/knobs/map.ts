import type { KnobValues, SchedulerClass } from './types.js';

/** What stands for a knob on the other scheduler class: its name, or nothing and why. */
export interface Counterpart {
  readonly knob: string | null;
  readonly why: string;
}

const TO_EEVDF: Readonly<Record<string, Counterpart>> = {
  min_granularity_ns: {
    knob: 'base_slice_ns',
    why: 'it is the turn a task gets before another may take over, and was renamed in 6.6',
  },
  latency_ns: {
    knob: null,
    why: 'EEVDF has no target period: how long a task waits follows from the slices of all, so base_slice_ns alone sets it',
  },
  wakeup_granularity_ns: {
    knob: null,
    why: 'EEVDF lets the earlier virtual deadline preempt, so there is no margin to set; a shorter base_slice_ns brings deadlines forward',
  },
};

const TO_CFS: Readonly<Record<string, Counterpart>> = {
  base_slice_ns: {
    knob: 'min_granularity_ns',
    why: 'it sets the shortest turn; keep latency_ns low, or latency_ns divided by the tasks sets a longer one',
  },
  slice_ns: {
    knob: null,
    why: 'CFS has no slice of a task: min_granularity_ns sets the shortest turn of all of them',
  },
};

/** The knob that does the same on a kernel of class `to`; a knob that both classes have stands for itself. */
export function counterpart(name: string, to: SchedulerClass): Counterpart {
  const table = to === 'eevdf' ? TO_EEVDF : TO_CFS;
  return table[name] ?? { knob: name, why: 'both schedulers have it under this name' };
}

/**
 * CFS values as EEVDF values. `dropped` has the knobs without a counterpart, each with the reason. Values are
 * carried over as they are, so check them against the EEVDF ranges.
 */
export function toEevdf(values: KnobValues): {
  readonly values: KnobValues;
  readonly dropped: Readonly<Record<string, string>>;
} {
  const mapped: Record<string, number> = {};
  const dropped: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const { knob, why } = counterpart(name, 'eevdf');
    if (knob === null) dropped[name] = why;
    else mapped[knob] = value;
  }
  return { values: mapped, dropped };
}
