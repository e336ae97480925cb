import { availableParallelism, release } from 'node:os';
import { loopsPerMs, runLoad } from '../host/load.js';
import { Lab } from '../lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../lab/prepare.js';
import { formatNs } from '../units.js';
import { spearman } from './rank.js';
import { scaledToHost } from './scale.js';
import { median } from './statistics.js';
import { table } from './table.js';

/** Slices from the smallest a task may ask for to the largest, in ns. */
const SLICES = [100e3, 300e3, 1e6, 3e6, 10e6, 30e6, 100e6];
const CPUS = 2;
const LOADS = [
  { workload: 'wakeup', metrics: ['wakeup_p95_ns', 'wakeup_p99_ns', 'request_p99_ns', 'switches_per_s'] },
  { workload: 'mixed', metrics: ['wakeup_p95_ns', 'wakeup_p99_ns', 'switches_per_s', 'fairness_jain'] },
] as const;

type Metrics = Readonly<Record<string, number>>;

export interface Fidelity {
  readonly schema: 'tunesmith.bench.fidelity/1';
  readonly machine: string;
  readonly rows: readonly FidelityRow[];
  readonly text: string;
}

export interface FidelityRow {
  readonly workload: string;
  readonly metric: string;
  /** One value a slice, medians over the seeds. */
  readonly host: readonly number[];
  readonly lab: readonly number[];
  /** Rank correlation of the two over the slices. */
  readonly spearman: number;
}

const medians = (runs: readonly Metrics[], metric: string): number =>
  median(runs.map((run) => run[metric] ?? Number.NaN));

/** Rounds over the slices, so that a drift of the machine touches all of them alike. */
async function onHost(trial: PreparedTrial, perMs: number, seeds: readonly number[]): Promise<Metrics[][]> {
  const runs = SLICES.map((): Metrics[] => []);
  const { workload, parameters, warmupNs, windowNs } = trial.spec;
  const params = scaledToHost(parameters, perMs, CPUS);
  for (const seed of seeds)
    for (const [i, sliceNs] of SLICES.entries())
      runs[i]?.push((await runLoad({ workload, params, seed, warmupNs, windowNs, sliceNs })).metrics);
  return runs;
}

const inLab = (
  lab: Lab,
  { spec, files, defaults }: PreparedTrial,
  seeds: readonly number[],
): Promise<Metrics[][]> =>
  Promise.all(
    SLICES.map((slice) =>
      Promise.all(
        seeds.map(async (seed) => {
          const knobs = { ...defaults, base_slice_ns: slice };
          return (await lab.trial({ ...spec, seed, knobs }, files, 'search')).metrics;
        }),
      ),
    ),
  );

const show = (metric: string, value: number): string =>
  metric.endsWith('_ns') ? formatNs(value) : Number(value.toPrecision(3)).toString();

/**
 * The same loads under the same slices on this machine's EEVDF and the lab's: does the lab order settings as the
 * machine does? Give this machine nothing else to do meanwhile.
 */
export async function fidelityBench(repeats: number, note: (text: string) => void): Promise<Fidelity> {
  const seeds = Array.from({ length: repeats }, (_, i) => i + 1);
  const lab = new Lab({ fresh: false });
  const rows: FidelityRow[] = [];
  try {
    const perMs = await loopsPerMs();
    for (const { workload, metrics } of LOADS) {
      const trial = await prepareTrial(lab, { kernel: 'eevdf', workload, cpus: CPUS, seed: 1 });
      note(`${workload}: in the lab`);
      const there = await inLab(lab, trial, seeds);
      note(`${workload}: on this machine`);
      const here = await onHost(trial, perMs, seeds);
      for (const metric of metrics) {
        const host = here.map((runs) => medians(runs, metric));
        const guest = there.map((runs) => medians(runs, metric));
        rows.push({ workload, metric, host, lab: guest, spearman: spearman(host, guest) });
      }
    }
  } finally {
    await lab.close();
  }
  const machine = `host: Linux ${release()}, ${availableParallelism()} CPUs; lab: Linux 6.18, ${CPUS} CPUs; medians of ${repeats} seeds`;
  return { schema: 'tunesmith.bench.fidelity/1', machine, rows, text: `${machine}\n\n${textOf(rows)}` };
}

const textOf = (rows: readonly FidelityRow[]): string =>
  table([
    ['load', 'metric', 'where', ...SLICES.map((slice) => formatNs(slice)), 'Spearman'],
    ...rows.flatMap(({ workload, metric, host, lab, spearman: rho }) => [
      [workload, metric, 'host', ...host.map((value) => show(metric, value)), ''],
      ['', '', 'lab', ...lab.map((value) => show(metric, value)), rho.toFixed(2)],
    ]),
  ]);
