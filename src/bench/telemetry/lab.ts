import { Lab } from '../../lab/lab.js';
import { prepareTrial } from '../../lab/prepare.js';
import { median, spread } from '../statistics.js';
import type { Row } from './rows.js';

const SEEDS = [1, 2, 3, 4, 5];
/** What each load is judged by, and what work it gets done. */
const LOADS = [
  { workload: 'wakeup', latency: 'wakeup_p99_ns' },
  { workload: 'mixed', latency: 'wakeup_p99_ns' },
  { workload: 'hackbench', latency: null },
] as const;

/**
 * What the sampler in a lab guest changes in a load's own metrics: the same trials with its programs and without,
 * referee-measured, over five seeds. The guest's CPU does an instruction in 2 ns, whatever it is.
 */
export async function labDifference(): Promise<Row[]> {
  const lab = new Lab();
  try {
    const rows: Row[] = [];
    for (const { workload, latency } of LOADS) {
      const { spec, files } = await prepareTrial(lab, { kernel: 'eevdf', workload, cpus: 2, seed: 1 });
      const work: number[] = [];
      const delay: number[] = [];
      const cost: number[] = [];
      for (const seed of SEEDS) {
        const seeded = { ...spec, seed };
        const [on, off] = await Promise.all(
          [seeded, { ...seeded, telemetry: false as const }].map(
            async (one) => (await lab.trial(one, files, 'referee')).metrics,
          ),
        );
        const of = (name: string): [number, number] => [on?.[name] ?? Number.NaN, off?.[name] ?? Number.NaN];
        const [withIt, without] = of('throughput_per_s');
        work.push((withIt / without - 1) * 100);
        const [switches] = of('switches_per_s');
        cost.push(((1 - withIt / without) / switches) * 1e9);
        if (latency !== null) delay.push((of(latency)[0] / of(latency)[1] - 1) * 100);
      }
      rows.push({
        name: `${workload} in the lab, telemetry on against off: throughput`,
        ...{ bar: '', value: `${spread(work, 2, '%')}; ${median(cost).toFixed(0)} ns a switch` },
      });
      if (latency !== null) rows.push({ name: `… ${latency}`, bar: '', value: spread(delay, 1, '%') });
    }
    return rows;
  } finally {
    await lab.close();
  }
}
