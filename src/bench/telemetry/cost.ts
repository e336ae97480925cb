import { median, spread } from '../statistics.js';
import type { Row } from './rows.js';
import {
  type Condition,
  hackbenchSeconds,
  pipeUsPerOp,
  withEmptyHooks,
  withRunqlat,
  withSampler,
} from './tools.js';

const CONDITIONS: Readonly<Record<string, Condition>> = {
  nothing: (work) => work(),
  sampler: withSampler,
  runqlat: withRunqlat,
  'empty programs': withEmptyHooks,
};

/**
 * What each condition adds to one measurement: every round measures all of them, in an order that rotates, so that a
 * drift of the machine falls on all alike; what is added is told against the same round's `nothing`.
 */
async function added(
  rounds: number,
  measure: () => Promise<number>,
  note: (text: string) => void,
): Promise<{ base: number[]; of: Readonly<Record<string, number[]>> }> {
  const names = Object.keys(CONDITIONS);
  const base: number[] = [];
  const of: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    const values: Record<string, number> = {};
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length] as string;
      values[name] = await (CONDITIONS[name] as Condition)(measure);
    }
    base.push(values.nothing as number);
    for (const name of names.slice(1)) {
      of[name] = [...(of[name] ?? []), (values[name] as number) - (values.nothing as number)];
    }
    note(names.map((name) => `${name} ${values[name]?.toFixed(3)}`).join(', '));
  }
  return { base, of };
}

/**
 * A ratio of medians: single rounds may add next to nothing, and a ratio of those says nothing. Nor does a ratio to what
 * added nothing in a quarter of the rounds: that has no verdict.
 */
function ratio(over: readonly number[], under: readonly number[], most: number): Omit<Row, 'name'> {
  const bar = `≤ ${most}`;
  const readable = under.filter((value) => value > 0).length > under.length * 0.75;
  if (!readable) return { bar, value: 'lost in the spread' };
  const value = median(over) / median(under);
  return { bar, value: value.toFixed(2), met: value <= most };
}

async function rows(
  title: string,
  unit: string,
  rounds: number,
  measure: () => Promise<number>,
  note: (text: string) => void,
): Promise<Row[]> {
  const { base, of } = await added(rounds, measure, note);
  const sampler = of.sampler as number[];
  const [runqlat, empty] = [of.runqlat, of['empty programs']] as [number[], number[]];
  return [
    { name: `${title}, nothing attached`, bar: '', value: spread(base, 3, unit) },
    { name: '… added by the sampler', bar: '', value: spread(sampler, 3, unit) },
    { name: '… added by runqlat', bar: '', value: spread(runqlat, 3, unit) },
    { name: '… added by empty programs', bar: '', value: spread(empty, 3, unit) },
    { name: '… sampler ÷ runqlat', ...ratio(sampler, runqlat, 0.25) },
    { name: '… sampler ÷ empty programs', ...ratio(sampler, empty, 1.3) },
  ];
}

export const pipeCost = (rounds: number, note: (text: string) => void): Promise<Row[]> =>
  rows('perf bench sched pipe on one CPU, an operation', 'µs', rounds, () => pipeUsPerOp(150_000), note);

export const hackbenchCost = (rounds: number, note: (text: string) => void): Promise<Row[]> =>
  rows('hackbench on all CPUs', 's', rounds, () => hackbenchSeconds(400, 5), note);
