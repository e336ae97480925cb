import { Command } from 'commander';
import { runCase, type TuneCase } from '../../bench/tune-case.js';
import { EXIT } from '../../errors.js';
import { Lab } from '../../lab/lab.js';
import type { TuneResult } from '../../loop/result.js';
import { prepareOutDir } from '../../report/out-dir.js';
import { writeStartReport } from '../../report/write.js';
import { parseCount } from '../../units.js';
import { WORKLOADS } from '../../workloads/index.js';
import { caseSummary, cycleLine } from '../describe.js';
import { makeOutput } from '../output.js';
import { stopSignal } from '../signals.js';

const CYCLES = 12;

const tuneCase = (
  kernel: string,
  workload: string,
  knobs: string,
  gridPoints: number,
  seed: number,
): TuneCase => ({
  request: { kernel, workload, cpus: 2, seed },
  knobs,
  tuner: 'expert',
  cycles: CYCLES,
  referee: true,
  rivals: [
    { tuner: 'random', cycles: CYCLES },
    { tuner: 'grid', cycles: Number.MAX_SAFE_INTEGER, points: gridPoints },
  ],
  command: `tunesmith tune --kernel ${kernel} --workload ${workload} --tune ${knobs} --cycles ${CYCLES} --seed ${seed} --rivals --points ${gridPoints} --finalists 1 --out out/${workload}`,
});

/** The main job: two real kernels, two real loads, tuned side by side. */
export const startCommand = (): Command =>
  new Command('start')
    .option('--out <dir>', 'where the report goes', 'out/start')
    .option('--seed <n>', 'seed of the loads', '1')
    .option('--fresh', 'measure again even what the cache knows')
    .option('--json', 'print one JSON object')
    .action(async (flags: { out: string; seed: string; fresh?: boolean; json?: boolean }) => {
      const out = makeOutput(flags.json ?? false);
      const seed = parseCount(flags.seed, '--seed', 0, Number.MAX_SAFE_INTEGER);
      const dir = prepareOutDir(flags.out);
      const cases = [
        tuneCase('cfs', 'pgbench', 'latency_ns,min_granularity_ns', 3, seed),
        tuneCase('eevdf', 'wakeup', 'base_slice_ns', 10, seed),
      ];
      const lab = new Lab({ fresh: flags.fresh ?? false });
      const signal = stopSignal(out.note);
      const started = Date.now();
      const say = (workload: string, text: string) => {
        const seconds = ((Date.now() - started) / 1000).toFixed(0).padStart(3);
        out.step(`${seconds} s  ${workload.padEnd(7)} ${text}`);
      };
      out.note('booting two real kernels in the lab; the first boot of each takes some seconds');
      try {
        const results = await Promise.all(
          cases.map((what) =>
            runCase(lab, what, {
              signal,
              onPrepared: ({ kernel }) =>
                say(what.request.workload, `Linux ${kernel.release} is ready, 2 CPUs`),
              onCycle: (progress) =>
                say(what.request.workload, cycleLine(progress, WORKLOADS[what.request.workload])),
              onPhase: (phase) => say(what.request.workload, phase),
            }),
          ),
        );
        finish(results, dir, out);
      } finally {
        await lab.close();
      }
    });

function finish(results: readonly TuneResult[], dir: string, out: ReturnType<typeof makeOutput>): void {
  const written = writeStartReport(results, dir, { describe: (w, m) => WORKLOADS[w]?.metrics[m] });
  const text = [...results.map(caseSummary), `report: ${written.html}`].join('\n\n');
  out.result({ schema: 'tunesmith.start/1', results, report: written.html }, text);
  if (results.some(({ verdict }) => verdict.interrupted)) process.exitCode = EXIT.rejected;
}
