import { availableParallelism, cpus } from 'node:os';
import { usageError } from '../errors.js';
import { exactChurn } from './lab-figures/churn.js';
import { type Figure, MAX_BENCH_SEED } from './lab-figures/common.js';
import { exactReferees, exactSessions } from './lab-figures/exactness.js';
import { firstKernel } from './lab-figures/first-kernel.js';
import { bootTime, memory, restoreTime, trialRate } from './lab-figures/speed.js';
import { table } from './table.js';

export interface LabBench {
  readonly schema: 'tunesmith.bench.lab/1';
  readonly machine: string;
  readonly figures: readonly Figure[];
  readonly text: string;
}

export interface BenchOptions {
  readonly repeats: number;
  readonly note: (text: string) => void;
}

function tableOf(machine: string, figures: readonly Figure[]): string {
  const rows = figures.map(({ name, bar, value, met }) => [name, bar, value, met ? 'met' : 'not met']);
  return [machine, '', table([['figure', 'bar', 'measured', ''], ...rows])].join('\n');
}

type Measure = (repeats: number, note: BenchOptions['note']) => Promise<readonly Figure[]>;

/** `speed` wants a quiet machine; `exact` makes a busy one itself. */
const PARTS: Readonly<Record<string, readonly Measure[]>> = {
  speed: [restoreTime, trialRate, bootTime, memory, firstKernel],
  exact: [exactSessions, exactReferees, exactChurn],
};

/**
 * Measures the lab's figures one after the other (an hour at 20 repeats) and returns them as a table.
 * @throws TunesmithError usage for a part that is none.
 */
export async function labBench(
  { repeats, note }: BenchOptions,
  { part }: { readonly part?: string } = {},
): Promise<LabBench> {
  const measures = part === undefined ? Object.values(PARTS).flat() : PARTS[part];
  if (measures === undefined)
    throw usageError('--part', part, 'is no part', `one of: ${Object.keys(PARTS).join(', ')}`);
  const model = cpus()[0]?.model ?? 'unknown CPU';
  const machine = `${availableParallelism()} × ${model}, Node ${process.versions.node}; seeds 1–${MAX_BENCH_SEED}`;
  const figures: Figure[] = [];
  for (const measure of measures) {
    for (const figure of await measure(repeats, note)) {
      figures.push(figure);
      note(`${figure.name}: ${figure.value} (bar ${figure.bar})`);
    }
  }
  return { schema: 'tunesmith.bench.lab/1', machine, figures, text: tableOf(machine, figures) };
}
