import { normalDraw } from '../tuners/bayesian/normal.js';
import { firstShift, LIMITS, type Limits } from '../tuners/change-point/cusum.js';
import { prng } from '../tuners/prng.js';
import { median } from './statistics.js';
import { table } from './table.js';

/** The limits were chosen on these seeds' draws, from 1 on; tests use others. */
export const CALIBRATION_SEEDS = 1000;

const WINDOWS = 200;
const STEP_AT = 75;
const CANDIDATES: readonly Limits[] = [
  { slack: 1, threshold: 6, mostOff: 4 },
  { slack: 1, threshold: 7, mostOff: 4 },
  { slack: 1, threshold: 7, mostOff: 4.5 },
  { slack: 1, threshold: 8, mostOff: 5 },
  { slack: 1, threshold: 10, mostOff: 6 },
];

/** Windows with normal noise of 1 around a level, the same for the same seed. */
export function noisy(seed: number, length: number, level: (window: number) => number): number[] {
  const next = prng(seed);
  return Array.from({ length }, (_, i) => level(i) + normalDraw(next));
}

/** Windows from a step of so many standard deviations until it is known; infinite where it was not, or an alarm came first. */
export function delay(seed: number, step: number, limits?: Limits): number {
  const series = noisy(seed, STEP_AT + 45, (i) => (i < STEP_AT ? 0 : step));
  const shift = firstShift(series, 0, limits);
  return shift && shift.seen >= STEP_AT ? shift.seen - STEP_AT + 1 : Number.POSITIVE_INFINITY;
}

export interface ChangeBench {
  readonly schema: 'tunesmith.bench.changes/1';
  readonly text: string;
}

/** What limits of change-point detection come to: false alarms in stationary runs, and windows until a step is known. */
export async function changeBench(seeds: number): Promise<ChangeBench> {
  const all = Array.from({ length: seeds }, (_, i) => i + 1);
  const lines = CANDIDATES.map((limits) => {
    const share = (is: (seed: number) => boolean) =>
      `${((100 * all.filter(is).length) / seeds).toFixed(1)} %`;
    const struck = (seed: number) => noisy(seed, 60, () => 0).map((value, i) => (i === 30 ? 1e6 : value));
    const isAlarm = (series: readonly number[]) => firstShift(series, 0, limits) !== null;
    const delays = [3, 5, 20].map((step) => {
      const sorted = all.map((seed) => delay(seed, step, limits)).sort((a, b) => a - b);
      return `${median(sorted)} (${sorted[Math.floor(0.9 * seeds)]})`;
    });
    const { slack, threshold, mostOff } = limits;
    const isOurs = JSON.stringify(limits) === JSON.stringify(LIMITS);
    return [
      `${slack}, ${threshold}, ±${mostOff}${isOurs ? ' (ours)' : ''}`,
      share((seed) => isAlarm(noisy(seed, WINDOWS, () => 0))),
      share((seed) => !isAlarm(noisy(seed, 60, () => 0)) && isAlarm(struck(seed))),
      ...delays,
    ];
  });
  const head = [
    'slack, threshold, held to',
    `false alarms in ${WINDOWS} windows`,
    'one outlier in 60 taken for one',
  ];
  const steps = ['3 σ', '5 σ', '20 σ'].map((step) => `windows to know ${step}`);
  const text = `${table([[...head, ...steps], ...lines])}\n\nnormal noise, seeds 1 to ${seeds}; medians (nine in ten)`;
  return { schema: 'tunesmith.bench.changes/1', text };
}
