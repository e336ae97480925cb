import { availableParallelism, cpus, release } from 'node:os';
import { table } from './table.js';
import { agreement } from './telemetry/agreement.js';
import { hackbenchCost, pipeCost } from './telemetry/cost.js';
import { labDifference } from './telemetry/lab.js';
import { programTime } from './telemetry/programs.js';
import { eventRate, observeMemory, snapshotTime } from './telemetry/reading.js';
import type { Row } from './telemetry/rows.js';

export interface TelemetryBench {
  readonly schema: 'tunesmith.bench.telemetry/1';
  readonly machine: string;
  readonly rows: readonly Row[];
  readonly text: string;
}

/** What the sampler costs and how well it agrees with libbpf-tools’ runqlat, on this machine; some ten minutes. */
export async function telemetryBench(rounds: number, note: (text: string) => void): Promise<TelemetryBench> {
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown CPU'}, Linux ${release()}, Node ${process.versions.node}, ${rounds} rounds`;
  const rows: Row[] = [];
  for (const measure of [
    () => pipeCost(rounds, note),
    () => hackbenchCost(rounds, note),
    () => programTime(rounds),
    snapshotTime,
    eventRate,
    observeMemory,
    agreement,
    labDifference,
  ])
    rows.push(...(await measure()));
  const verdict = ({ met }: Row): string => (met === undefined ? '' : met ? 'met' : 'not met');
  const lines = rows.map((row) => [row.name, row.bar, row.value, verdict(row)]);
  return {
    schema: 'tunesmith.bench.telemetry/1',
    machine,
    rows,
    text: [machine, '', table([['figure', 'bar', 'measured', ''], ...lines])].join('\n'),
  };
}
