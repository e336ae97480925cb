import { Command } from 'commander';
import { runCase } from '../../bench/tune-case.js';
import { EXIT, usageError } from '../../errors.js';
import { Lab } from '../../lab/lab.js';
import { prepareOutDir } from '../../report/out-dir.js';
import { writeReport } from '../../report/write.js';
import { DEFAULT_TUNER, TUNERS } from '../../tuners/index.js';
import { parseCount } from '../../units.js';
import { WORKLOADS } from '../../workloads/index.js';
import { caseSummary, cycleLine } from '../describe.js';
import { makeOutput } from '../output.js';
import { stopSignal } from '../signals.js';
import { type LabFlags, requestFrom, withLabFlags } from './lab-options.js';

interface TuneFlags extends LabFlags {
  readonly target: string;
  readonly tune?: string;
  readonly tuner: string;
  readonly points?: string;
  readonly cycles: string;
  readonly objective?: string;
  readonly rivals?: boolean;
  readonly referee: boolean;
  readonly out?: string;
}

/** What to type to run this again, with a shell's quotes where they are needed. */
export const commandLine = (): string =>
  ['tunesmith', ...process.argv.slice(2)]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');

export const tuneCommand = (): Command =>
  withLabFlags(new Command('tune'))
    .description('the closed loop: measure, propose, check, apply, measure, keep or put back')
    .option('--target <where>', 'lab (host comes with the telemetry addon)', 'lab')
    .option('--tune <knobs>', 'knobs to tune, comma-separated (default: the scheduler’s usual ones)')
    .option('--tuner <name>', TUNERS.join(', '), DEFAULT_TUNER)
    .option('--points <n>', 'grid: values per knob')
    .option('--cycles <n>', 'measured windows in all, the default’s included', '12')
    .option('--objective <metric>', 'another metric than the workload’s own')
    .option('--rivals', 'also run random and grid on the same case, for the table')
    .option('--no-referee', 'do not confirm the result by cold boots')
    .option('--out <dir>', 'write result.json, cycles.jsonl and report.html there')
    .action(async (flags: TuneFlags) => {
      const out = makeOutput(flags.json ?? false);
      if (flags.target !== 'lab')
        throw usageError('--target', flags.target, 'cannot be tuned by this version', 'use --target lab');
      const cycles = parseCount(flags.cycles, '--cycles', 1, 100_000);
      const points = flags.points === undefined ? undefined : parseCount(flags.points, '--points', 2, 1000);
      const request = requestFrom(flags);
      const dir = flags.out === undefined ? null : prepareOutDir(flags.out);
      const lab = new Lab({ fresh: flags.fresh ?? false });
      try {
        const result = await runCase(
          lab,
          {
            ...{ request, knobs: flags.tune, tuner: flags.tuner, points, cycles, objective: flags.objective },
            referee: flags.referee,
            rivals: flags.rivals
              ? [
                  { tuner: 'random', cycles },
                  { tuner: 'grid', cycles: Number.MAX_SAFE_INTEGER, points: points ?? 5 },
                ]
              : [],
            command: commandLine(),
          },
          {
            signal: stopSignal(out.note),
            onCycle: (progress) =>
              out.step(cycleLine(progress, WORKLOADS[request.workload], flags.objective)),
            onPhase: (what) => out.note(what),
          },
        );
        const written =
          dir === null ? null : writeReport(result, dir, { describe: (w, m) => WORKLOADS[w]?.metrics[m] });
        const text = [caseSummary(result), ...(written ? [`report: ${written.html}`] : [])].join('\n');
        out.result(result, text);
        if (result.verdict.interrupted) process.exitCode = EXIT.rejected;
      } finally {
        await lab.close();
      }
    });
