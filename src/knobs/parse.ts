import { usageError } from '../errors.js';
import { parseDuration } from '../units.js';
import { ALL_KNOBS, findKnob } from './catalogue.js';
import { HOST_KNOBS } from './host.js';
import type { Knob, KnobValues, SchedulerClass } from './types.js';

/** Where knobs are to be set: a lab guest has the kernel's alone, a host also its own (`HOST_KNOBS`). */
export type Where = 'lab' | 'host';

/**
 * Knob values from `--set KNOB=V` texts. A time may carry a unit (`base_slice_ns=3ms` is 3000000); a bare number
 * is in the knob's own unit. Ranges are `validateChange`'s business.
 * @throws TunesmithError (usage) naming the knob, the text and what is wrong with it.
 */
export function parseSettings(
  texts: readonly string[],
  scheduler: SchedulerClass,
  where: Where = 'lab',
): KnobValues {
  const values: Record<string, number> = {};
  for (const text of texts) {
    const [name, ...rest] = text.split('=');
    if (!name?.trim() || rest.length !== 1)
      throw usageError('--set', text, 'is not KNOB=VALUE', 'for example base_slice_ns=3ms');
    const knob = knobThere(name.trim(), scheduler, where);
    if (values[knob.name] !== undefined) throw usageError('--set', text, `sets ${knob.name} a second time`);
    values[knob.name] = parseValue(knob, (rest[0] as string).trim());
  }
  return values;
}

/** One knob's value from text, in the knob's unit. */
export function parseValue(knob: Knob, text: string): number {
  if (/^[+-]?\d+$/.test(text)) {
    const value = Number(text);
    if (!Number.isSafeInteger(value)) throw usageError(knob.name, text, 'is too large to count');
    return value;
  }
  if (knob.unit === 'count')
    throw usageError(knob.name, text, 'is not a whole number', `${knob.name} is a count and takes no unit`);
  if (/^[+-]?\d*\.\d+$/.test(text))
    throw usageError(
      knob.name,
      text,
      'is a fraction without a unit',
      `a bare number is in whole ${knob.unit === 'ns' ? 'nanoseconds' : 'microseconds'}`,
    );
  const ns = parseDuration(text, knob.name);
  if (knob.unit === 'ns') return ns;
  if (ns % 1000 !== 0) throw usageError(knob.name, text, 'is not a whole number of microseconds');
  return ns / 1000;
}

/**
 * The knobs named in `--tune a,b`, in the order given.
 * @throws TunesmithError (usage) for none, an unknown one, one of the other scheduler class or of hosts only, or one
 * given twice.
 */
export function parseKnobList(
  text: string,
  scheduler: SchedulerClass,
  where: Where = 'lab',
): readonly Knob[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0)
    throw usageError('--tune', text, 'names no knob', `known: ${allNames(scheduler, where)}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usageError('--tune', text, `names ${twice} twice`);
  return names.map((name) => knobThere(name, scheduler, where));
}

const isHostOnly = ({ name }: Knob): boolean => HOST_KNOBS.some((knob) => knob.name === name);

function knobThere(name: string, scheduler: SchedulerClass, where: Where): Knob {
  const knob = findKnob(name, scheduler);
  if (where === 'host' || !isHostOnly(knob)) return knob;
  const known = `the lab has ${allNames(scheduler, where)}`;
  throw usageError(
    'knob',
    name,
    'belongs to a running machine and is not set in the lab',
    `use it with --target host; ${known}`,
  );
}

const allNames = (scheduler: SchedulerClass, where: Where): string =>
  ALL_KNOBS.filter((knob) => knob.classes.includes(scheduler) && (where === 'host' || !isHostOnly(knob)))
    .map(({ name }) => name)
    .join(', ');
