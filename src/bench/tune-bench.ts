import { TunesmithError } from '../errors.js';
import { Lab } from '../lab/lab.js';
import { formatValue } from '../units.js';
import { WORKLOADS } from '../workloads/index.js';
import { median } from './statistics.js';
import { table } from './table.js';
import { runCase } from './tune-case.js';

const CYCLES = 12;
const CASES = [
  {
    kernel: 'cfs',
    workload: 'pgbench',
    knobs: 'latency_ns,min_granularity_ns',
    points: 4,
    refereeWindows: 8,
  },
  { kernel: 'eevdf', workload: 'wakeup', knobs: 'base_slice_ns', points: 10, refereeWindows: 12 },
] as const;
/** A p99 over one window is off by some 10 %, and the best of many settings is in part the luckiest. */
const FINALISTS = 3;

/** Expert and grid on one case and seed; objectives as the referee measured them. */
export interface TuneBenchRow {
  readonly workload: string;
  readonly kernel: string;
  readonly seed: number;
  readonly default: number;
  readonly grid: number;
  readonly expert: number;
  /** Cycle (1 is the default's) in which the expert first measured its best. */
  readonly foundIn: number;
  /** Expert's objective over the grid's; at most 1.05 is the bar. */
  readonly ratio: number;
}

export interface TuneBench {
  readonly schema: 'tunesmith.bench.tune/1';
  readonly rows: readonly TuneBenchRow[];
  readonly text: string;
}

/** The expert against the exhaustive grid, over seeds 1 to `repeats`, all figures the referee's. */
export async function tuneBench(repeats: number, note: (text: string) => void): Promise<TuneBench> {
  const lab = new Lab({ fresh: false });
  const rows: TuneBenchRow[] = [];
  try {
    for (const { kernel, workload, knobs, points, refereeWindows } of CASES)
      for (let seed = 1; seed <= repeats; seed++) {
        const result = await runCase(lab, {
          request: { kernel, workload, cpus: 2, seed },
          ...{ knobs, tuner: 'expert', cycles: CYCLES, command: '' },
          ...{ referee: true, finalists: FINALISTS, refereeWindows },
          rivals: [{ tuner: 'grid', cycles: Number.MAX_SAFE_INTEGER, points }],
        });
        const before = result.referee?.default.objective;
        const expert = result.referee?.best.objective;
        const grid = result.rivals.find(({ name }) => name === 'grid')?.refereeObjective;
        if (before === undefined || expert === undefined || grid === undefined || grid === null)
          throw new TunesmithError(
            'guest',
            `${workload}, seed ${seed}: a tuner found nothing better than the default`,
          );
        rows.push({
          ...{ workload, kernel, seed, default: before, grid, expert, ratio: expert / grid },
          foundIn: result.best.cycle + 1,
        });
        note(`${workload}, seed ${seed}: expert ${(expert / grid).toFixed(3)} of the grid's best`);
      }
  } finally {
    await lab.close();
  }
  return { schema: 'tunesmith.bench.tune/1', rows, text: textOf(rows) };
}

function textOf(rows: readonly TuneBenchRow[]): string {
  const show = (row: TuneBenchRow, value: number) => {
    const workload = WORKLOADS[row.workload];
    return formatValue(value, workload?.metrics[workload.objective]?.unit ?? 'count');
  };
  const lines = rows.map((row) => [
    `${row.workload} on ${row.kernel}`,
    `${row.seed}`,
    ...[row.default, row.grid, row.expert].map((value) => show(row, value)),
    `${row.foundIn}`,
    row.ratio.toFixed(3),
  ]);
  const head = ['case', 'seed', 'default', 'grid’s best', 'expert’s best', 'found in cycle', 'expert ÷ grid'];
  const worst = Math.max(...rows.map(({ ratio }) => ratio));
  const summary = `expert ÷ grid: median ${median(rows.map(({ ratio }) => ratio)).toFixed(3)}, worst ${worst.toFixed(3)} (bar 1.05)`;
  return [table([head, ...lines]), '', summary].join('\n');
}
