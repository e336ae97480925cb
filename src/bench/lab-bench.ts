import { availableParallelism, cpus } from 'node:os';
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

/** Measures the lab's figures one after the other (ten to thirty minutes) and returns them as a table. */
export async function labBench({ repeats, note }: BenchOptions): Promise<LabBench> {
  const model = cpus()[0]?.model ?? 'unknown CPU';
  const machine = `${availableParallelism()} × ${model}, Node ${process.versions.node}; seeds 1–${MAX_BENCH_SEED}`;
  const figures: Figure[] = [];
  for (const measure of [
    restoreTime,
    trialRate,
    bootTime,
    memory,
    firstKernel,
    () => exactSessions(repeats, note),
    () => exactReferees(repeats, note),
  ]) {
    for (const figure of await measure()) {
      figures.push(figure);
      note(`${figure.name}: ${figure.value} (bar ${figure.bar})`);
    }
  }
  return { schema: 'tunesmith.bench.lab/1', machine, figures, text: tableOf(machine, figures) };
}
