import { TunesmithError } from '../errors.js';
import { formatNs } from '../units.js';
import { findKnob } from './catalogue.js';
import { contradiction } from './contradiction.js';
import { formatKnob } from './format.js';
import { tasksLatencyServes } from './slice.js';
import type { Knob, KnobValues, KnobWarning, SchedulerClass } from './types.js';

/** What a change is checked against. */
export interface ValidationContext {
  readonly scheduler: SchedulerClass;
  /** Every knob's value before the change, as read from the kernel: the values of the knobs it does not name. */
  readonly defaults: KnobValues;
  /** Runnable tasks on one CPU's queue, the running one included, when known. */
  readonly runnable?: number | null | undefined;
}

/**
 * Checks a change: names, whole numbers, ranges, and the rules between knobs.
 * @returns remarks that do not stop it
 * @throws TunesmithError: usage for an unknown knob, one of the other scheduler class, a value that is no whole
 * number or out of range, or contradictory knobs; incapable for a knob this kernel does not offer.
 */
export function validateChange(change: KnobValues, context: ValidationContext): readonly KnobWarning[] {
  for (const [name, value] of Object.entries(change)) {
    checkValue(findKnob(name, context.scheduler), value);
    if (context.defaults[name] === undefined)
      throw new TunesmithError('incapable', `${name}: this kernel does not offer it`, {
        hint: 'leave it out; it needs debugfs, and some knobs need a kernel built for several CPUs',
      });
  }
  const whole = { ...context.defaults, ...change };
  checkRules(change, whole);
  return warnings(change, whole, context.runnable ?? null);
}

/** Names and ranges, as far as they can be told without the kernel. @throws TunesmithError (usage) as `validateChange` */
export function checkValues(change: KnobValues, scheduler: SchedulerClass): void {
  for (const [name, value] of Object.entries(change)) checkValue(findKnob(name, scheduler), value);
}

/** One value: a whole number within the knob's range. @throws TunesmithError (usage), with the unit that was meant */
export function checkValue(knob: Knob, value: number): void {
  const unit = knob.unit === 'count' ? '' : ` ${knob.unit}`;
  if (!Number.isSafeInteger(value))
    throw new TunesmithError('usage', `${knob.name}: ${value}${unit} is not a whole number`, {
      hint: knob.unit === 'count' ? 'a count has no fractions' : `${knob.unit} are the smallest step`,
    });
  if (value >= knob.min && value <= knob.max) return;
  const shown = knob.unit !== 'count' && Math.abs(value) >= 1000 ? ` (${formatKnob(knob, value)})` : '';
  const range = `${formatKnob(knob, knob.min)} to ${formatKnob(knob, knob.max)}`;
  throw new TunesmithError('usage', `${knob.name}: ${value}${unit}${shown} is out of range, ${range}`, {
    hint: `${meantUnit(knob, value)}choose a value from ${knob.min} to ${knob.max}`,
  });
}

/** "3 ms would be 3000000; ": the number is fine in a larger unit than the knob's own. */
function meantUnit({ unit, min, max }: Knob, value: number): string {
  const larger: Readonly<Record<string, number>> =
    unit === 'ns' ? { ms: 1e6, µs: 1e3 } : unit === 'us' ? { ms: 1e3 } : {};
  const meant = Object.entries(larger).find(([, scale]) => value * scale >= min && value * scale <= max);
  return meant ? `${value} ${meant[0]} would be ${value * meant[1]}; ` : '';
}

function checkRules(change: KnobValues, whole: KnobValues): void {
  const rule = contradiction(whole);
  // What an administrator left in force is not this change's fault unless it touches it.
  if (rule === null || !touches(change, ['latency_ns', 'min_granularity_ns'])) return;
  const unchanged = ['latency_ns', 'min_granularity_ns'].filter((name) => change[name] === undefined);
  const why = unchanged.length > 0 ? `; ${unchanged.join(', ')} is not in the change and stays as it is` : '';
  throw new TunesmithError('usage', `${rule}${why}`, {
    hint: 'set both, with min_granularity_ns at most latency_ns',
  });
}

function warnings(change: KnobValues, whole: KnobValues, runnable: number | null): readonly KnobWarning[] {
  const knobs = ['latency_ns', 'min_granularity_ns'];
  const { latency_ns: latency = 0, min_granularity_ns: floor = 0 } = whole;
  const served = tasksLatencyServes(whole);
  if (served === null || runnable === null || runnable <= served || !touches(change, knobs)) return [];
  const tasks = Number(runnable.toPrecision(2));
  const message =
    `latency_ns no longer binds: ${tasks} runnable tasks × ${formatNs(floor)} = ${formatNs(tasks * floor)} ` +
    `exceeds ${formatNs(latency)}, so min_granularity_ns alone sets the turn`;
  return [{ knobs, message }];
}

const touches = (change: KnobValues, names: readonly string[]): boolean =>
  names.some((name) => change[name] !== undefined);
