import { ALL_KNOBS } from '../knobs/catalogue.js';
import { formatKnob } from '../knobs/format.js';
import { parseDuration } from '../units.js';
import type { Call } from './call.js';
import type { Limit } from './schema.js';

/** A limit that a call breaks: which argument, what is allowed, and a sentence. */
export interface Breach {
  readonly field: string;
  readonly allowed: string;
  readonly reason: string;
}

/** ns in the unit that an argument's name says it has. */
const NS_PER_UNIT: readonly (readonly [suffix: string, ns: number])[] = [
  ['_sec', 1e9],
  ['_ms', 1e6],
  ['_us', 1e3],
  ['_ns', 1],
];

/** A bound in the argument's unit. A duration for an argument without a unit is taken as ns. */
function inUnitOf(field: string, bound: number | string): number {
  if (typeof bound === 'number') return bound;
  const per = NS_PER_UNIT.find(([suffix]) => field.endsWith(suffix))?.[1] ?? 1;
  return parseDuration(bound, field) / per;
}

function text(field: string, value: number): string {
  const knob = ALL_KNOBS.find(({ name }) => name === field);
  return knob === undefined || knob.unit === 'count'
    ? String(value)
    : `${value} (${formatKnob(knob, value)})`;
}

/** The first limit a call breaks, or null. An argument that is not given breaks none. */
export function breachOf(limits: Readonly<Record<string, Limit>>, call: Call): Breach | null {
  for (const [field, limit] of Object.entries(limits)) {
    const value = call.values?.[field] ?? call.arguments?.[field];
    if (value === undefined) continue;
    const breach = oneBreach(field, limit, value, call.current?.[field]);
    if (breach) return breach;
  }
  return null;
}

function oneBreach(field: string, limit: Limit, value: unknown, current: number | undefined): Breach | null {
  if (limit.one_of !== undefined && !limit.one_of.includes(value as number))
    return { field, allowed: limit.one_of.join(', '), reason: `${field} is none of the values it may have` };
  if (typeof value !== 'number') return null;
  const min = limit.min === undefined ? Number.NEGATIVE_INFINITY : inUnitOf(field, limit.min);
  const max = limit.max === undefined ? Number.POSITIVE_INFINITY : inUnitOf(field, limit.max);
  const range = [
    ...(limit.min === undefined ? [] : [`at least ${text(field, min)}`]),
    ...(limit.max === undefined ? [] : [`at most ${text(field, max)}`]),
  ].join(', ');
  if (value < min || value > max)
    return { field, allowed: range, reason: `${field} = ${text(field, value)} is outside the rule’s limits` };
  return limit.max_step === undefined ? null : stepBreach(field, limit.max_step, value, current);
}

function stepBreach(field: string, most: string, value: number, current: number | undefined): Breach | null {
  const share = Number(most.slice(0, -1)) / 100;
  if (current === undefined)
    return {
      field,
      allowed: 'nothing while the value in force is unknown',
      reason: `how large a step to ${field} = ${text(field, value)} is cannot be told: its value in force is unknown`,
    };
  const [low, high] = [Math.ceil(current * (1 - share)), Math.floor(current * (1 + share))];
  if (value >= low && value <= high) return null;
  return {
    field,
    allowed: `from ${text(field, Math.max(0, low))} to ${text(field, high)}`,
    reason: `${field} from ${text(field, current)} to ${text(field, value)} is a step of more than ${most}`,
  };
}
