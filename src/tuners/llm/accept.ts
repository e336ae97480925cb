import type { z } from 'zod';
import { canonical } from '../../canonical.js';
import type { Knob, KnobValues } from '../../knobs/types.js';
import type { TuningContext } from '../types.js';

type Fields = Readonly<Record<string, unknown>>;

/** How deep in a reply its settings may stand. */
const DEEPEST = 4;
const NS_PER: Readonly<Record<string, number>> = {
  ...{ ns: 1, nsec: 1, nanosecond: 1, us: 1e3, µs: 1e3, μs: 1e3, usec: 1e3, microsecond: 1e3 },
  ...{ ms: 1e6, msec: 1e6, millisecond: 1e6, s: 1e9, sec: 1e9, second: 1e9 },
};
const WORDS = ['analysis', 'reasoning', 'reason', 'explanation', 'rationale', 'why', 'thought', 'thoughts'];
const NOTHING: readonly unknown[] = [undefined, null, false, '', 'none', 'null', 'None', 'no', 'nothing'];

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A reply in the form asked for, where its meaning is certain: the one place that has a value for every knob is the
 * config, wherever it stands; values may have units or be texts; other fields are left out. What is not certain is left
 * as it is, for the schema to name.
 * @param most characters of the analysis
 */
export function arranged(
  reply: unknown,
  { knobs, defaults }: TuningContext,
  observers: readonly string[],
  most: number,
  refuse: z.core.$RefinementCtx,
): unknown {
  if (!isFields(reply)) return reply;
  const own = asSetting(reply.config, knobs);
  const places = hasAll(own, knobs) ? [own] : [...settingsIn(reply, knobs, DEEPEST)];
  const read = (place: Fields) => amounts(place, knobs, defaults, place === reply);
  const different = new Map(places.map((place) => [canonical(read(place)), place]));
  if (different.size > 1) {
    refuse.addIssue({ code: 'custom', message: 'several settings that differ: give one', path: ['config'] });
    return reply;
  }
  const [found = own] = different.values();
  if (!isFields(found)) return reply;
  return {
    config: read(found),
    observe: observed(reply.observe, observers),
    analysis: cutTo(wordsIn(reply), most),
  };
}

const hasAll = (value: unknown, knobs: readonly Knob[]): value is Fields =>
  isFields(value) && knobs.every(({ name }) => Object.hasOwn(value, name));

/** A setting as an object: from its JSON text, a list of one, pairs of name and value, or the value of the only knob. */
function asSetting(value: unknown, knobs: readonly Knob[]): unknown {
  if (typeof value === 'string' && value.trim().startsWith('{')) {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }
  if (Array.isArray(value)) {
    const pairs = value.filter(isFields).filter(({ name }) => typeof name === 'string');
    if (value.length > 0 && pairs.length === value.length)
      return Object.fromEntries(pairs.map((pair) => [pair.name, pair]));
    return value.length === 1 ? asSetting(value[0], knobs) : value;
  }
  const [only] = knobs;
  const isAmount = typeof value === 'number' || typeof value === 'string';
  return only && knobs.length === 1 && isAmount ? { [only.name]: value } : value;
}

function* settingsIn(value: unknown, knobs: readonly Knob[], depth: number): Generator<Fields> {
  const one = typeof value === 'string' || Array.isArray(value) ? asSetting(value, []) : value;
  if (hasAll(one, knobs)) yield one;
  else if (isFields(one) && depth > 0)
    for (const inner of Object.values(one)) yield* settingsIn(inner, knobs, depth - 1);
}

/**
 * The knobs' values as numbers. What else stands beside them is left out where it sets nothing: words, knobs at the value
 * they have anyway, and, where the reply itself is the setting, all that is no knob.
 */
function amounts(setting: Fields, knobs: readonly Knob[], defaults: KnobValues, isReply: boolean): Fields {
  const entries = Object.entries(setting).flatMap(([name, value]): [string, unknown][] => {
    const knob = knobs.find((one) => one.name === name);
    if (knob) return [[name, amountOf(value, knob)]];
    const isIdle = (typeof value !== 'number' && !isFields(value)) || value === defaults[name];
    const isOther = isReply && defaults[name] === undefined;
    return isIdle || isOther || WORDS.includes(name) ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

/** A value as a whole number in the knob's unit, where it is certain; else as it is. */
function amountOf(value: unknown, knob: Knob): unknown {
  if (Array.isArray(value) && value.length === 1) return amountOf(value[0], knob);
  if (isFields(value) && value.value !== undefined)
    return amountOf(value.unit === undefined ? value.value : `${value.value} ${value.unit}`, knob);
  if (typeof value === 'number') return rounded(value, knob);
  if (typeof value !== 'string') return value;
  const match = /^\+?(\d[\d,_'’ \u00a0\u202f]*(?:\.\d+)?(?:e[+-]?\d+)?)\s*([a-zµμ]*)\.?$/i.exec(value.trim());
  const [, digits = '', unit = ''] = match ?? [];
  const number = numberFrom(digits.trim(), unit);
  if (!match || number === null) return value;
  if (unit === '' || unit.toLowerCase() === knob.unit) return rounded(number, knob);
  const scale = NS_PER[unit.toLowerCase()] ?? NS_PER[unit.toLowerCase().replace(/s$/, '')];
  if (scale === undefined || knob.unit === 'count') return value;
  return rounded((number * scale) / (knob.unit === 'us' ? 1e3 : 1), knob);
}

/** "300,000" is one number where nothing else can be meant: with a unit it may be a decimal. */
function numberFrom(digits: string, unit: string): number | null {
  const isPlain = /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(digits);
  const isGrouped = /^\d{1,3}([_'’ \u00a0\u202f]\d{3})+$/.test(digits) || /^\d+(_\d+)+$/.test(digits);
  const isCommaed = /^\d{1,3}(,\d{3})+$/.test(digits) && ['', 'ns'].includes(unit.toLowerCase());
  return isPlain || isGrouped || isCommaed ? Number(digits.replace(/[,_'’ \u00a0\u202f]/g, '')) : null;
}

/** A fraction of a nanosecond in a thousand is none: somebody divided. */
const rounded = (value: number, { unit }: Knob): number =>
  unit !== 'count' && value >= 1000 && Number.isFinite(value) ? Math.round(value) : value;

function observed(value: unknown, names: readonly string[]): unknown {
  const one = Array.isArray(value) && value.length <= 1 ? value[0] : value;
  if (NOTHING.includes(one)) return null;
  return names.find((name) => typeof one === 'string' && name === one.trim().toLowerCase()) ?? value;
}

function wordsIn(reply: Fields): string {
  const said = WORDS.map((name) => reply[name]).find((words) => words !== undefined && words !== null) ?? '';
  return typeof said === 'string' ? said : JSON.stringify(said);
}

const cutTo = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;
