import { Command } from 'commander';
import { checkHostCase, runHostCase } from '../../bench/host-case.js';
import { type CaseHooks, checkCase, runCase } from '../../bench/tune-case.js';
import { EXIT, usageError } from '../../errors.js';
import { Lab } from '../../lab/lab.js';
import { Ledger } from '../../ledger/ledger.js';
import { accountIn } from '../../loop/account.js';
import type { TuneResult } from '../../loop/result.js';
import { prepareOutDir } from '../../report/out-dir.js';
import { writeReport } from '../../report/write.js';
import { shellLine } from '../../shell.js';
import { DEFAULT_TUNER, MODEL_TUNERS, makeTuner, TUNERS } from '../../tuners/index.js';
import type { ModelSettings } from '../../tuners/llm/settings.js';
import { parseCount } from '../../units.js';
import { WORKLOADS } from '../../workloads/index.js';
import { SIGNATURE_METRICS } from '../../workloads/signature.js';
import type { Workload } from '../../workloads/types.js';
import { caseSummary, cycleLine } from '../describe.js';
import { modelLines } from '../describe-models.js';
import { examples } from '../examples.js';
import { HOST_KNOBS } from '../knob-names.js';
import { operator } from '../operator.js';
import { makeOutput } from '../output.js';
import { stopSignal } from '../signals.js';
import { type LabFlags, requestFrom, withLabFlags } from './lab-options.js';
import { hostRequestFrom } from './tune-host.js';

interface TuneFlags extends LabFlags {
  readonly target: string;
  readonly scope?: string;
  readonly force?: boolean;
  readonly tune?: string;
  readonly tuner: string;
  readonly points?: string;
  readonly trace?: string;
  readonly tunerSeed?: string;
  readonly model?: string;
  readonly modelLarge?: string;
  readonly budget?: string;
  readonly history?: string;
  readonly cycles: string;
  readonly objective?: string;
  readonly rivals?: boolean;
  readonly referee: boolean;
  readonly finalists: string;
  readonly refereeWindows?: string;
  readonly out?: string;
}

/** What to type to run this again, with a shell's quotes where they are needed. */
export const commandLine = (): string => shellLine('tunesmith', ...process.argv.slice(2));

/** Options that only a tuner that asks models has. */
const MODEL_FLAGS = ['model', 'modelLarge', 'budget', 'history'] as const;

function modelsFrom(flags: TuneFlags): ModelSettings {
  const stray = MODEL_FLAGS.find((name) => flags[name] !== undefined);
  if (stray !== undefined && !MODEL_TUNERS.includes(flags.tuner))
    throw usageError(
      `--${stray === 'modelLarge' ? 'model-large' : stray}`,
      flags[stray],
      `goes with --tuner ${MODEL_TUNERS.join(' or ')}`,
    );
  const { model, modelLarge: large, budget, history } = flags;
  return { model, large, budget, history };
}

/** What both targets are asked. */
const caseFrom = (flags: TuneFlags) => ({
  knobs: flags.tune,
  tuner: flags.tuner,
  models: modelsFrom(flags),
  points: flags.points === undefined ? undefined : parseCount(flags.points, '--points', 2, 1000),
  trace: flags.trace,
  tunerSeed:
    flags.tunerSeed === undefined ? undefined : parseCount(flags.tunerSeed, '--tuner-seed', 0, 2 ** 31 - 1),
  cycles: parseCount(flags.cycles, '--cycles', 1, 100_000),
  objective: flags.objective,
  referee: flags.referee,
  command: commandLine(),
});

/** A case whose names and values have been checked, ready to be run. */
type Ready = (hooks: CaseHooks) => Promise<TuneResult>;

function forLab(flags: TuneFlags): Ready {
  for (const name of ['scope', 'force'] as const)
    if (flags[name] !== undefined)
      throw usageError(`--${name}`, flags[name], 'goes with --target host', 'leave it out');
  const what = { ...caseFrom(flags), request: requestFrom(flags) };
  const finals = {
    finalists: parseCount(flags.finalists, '--finalists', 1, 100),
    ...(flags.refereeWindows === undefined
      ? {}
      : { refereeWindows: parseCount(flags.refereeWindows, '--referee-windows', 1, 1000) }),
  };
  const rivals = [
    { tuner: 'random', cycles: what.cycles },
    { tuner: 'grid', cycles: Number.MAX_SAFE_INTEGER, points: what.points ?? 5 },
  ];
  checkCase(what);
  return async (hooks) => {
    const lab = new Lab({ fresh: flags.fresh ?? false });
    try {
      return await runCase(lab, { ...what, ...finals, rivals: flags.rivals ? rivals : [] }, hooks);
    } finally {
      await lab.close();
    }
  };
}

function ready(flags: TuneFlags, command: Command): Ready {
  checkTuner(flags);
  if (flags.target === 'lab') return forLab(flags);
  if (flags.target !== 'host') throw usageError('--target', flags.target, 'is not known', 'use lab or host');
  const what = { ...caseFrom(flags), ...hostRequestFrom(flags, command) };
  checkHostCase(what);
  return (hooks) => runHostCase(what, hooks);
}

/** A tuner that cannot be had is told at once: its name, its trace. One with a model is made once, when it runs. */
function checkTuner(flags: TuneFlags): void {
  const { tuner, points, trace } = caseFrom(flags);
  if (!MODEL_TUNERS.includes(tuner)) makeTuner(tuner, { points, trace });
}

/** A workload with all that either target may say of it. */
function withSignature(name: string): Workload | undefined {
  const workload = WORKLOADS[name];
  return workload && { ...workload, metrics: { ...SIGNATURE_METRICS, ...workload.metrics } };
}

export const tuneCommand = (): Command =>
  examples(
    withLabFlags(new Command('tune'))
      .option('--target <where>', 'lab, or host: this machine, on a load that is started for it', 'lab')
      .option('--scope <what>', 'host: load (default), pid:N[,N], tree:PID or cgroup:/PATH is changed')
      .option('--force', 'host: let --scope hold PID 1, kernel threads or Tunesmith itself')
      .option('--tune <knobs>', `knobs to tune, comma-separated (default: the usual ones; ${HOST_KNOBS})`)
      .option('--tuner <name>', TUNERS.join(', '), DEFAULT_TUNER)
      .option('--points <n>', 'grid: values per knob')
      .option('--trace <file>', 'human: its choices, a CSV or JSON of cycles and knob values')
      .option('--tuner-seed <n>', 'the tuner’s own seed (default: --seed, which is also the trials’)')
      .option(
        '--model <spec>',
        'llm: gemini:NAME, openai:NAME[@URL], command:PROGRAM, tape:FILE or a .json file',
      )
      .option('--model-large <spec>', 'llm: another model for changes of the load and stalls')
      .option('--budget <limits>', 'llm: for example calls=200,tokens=1M,usd=0.50,usd/day=5')
      .option('--history <policy>', 'llm: summary (default), full or cap:N windows')
      .option(
        '--cycles <n>',
        'settings measured in all, the default included (llm in the lab: its own choices come on top)',
        '12',
      )
      .option('--objective <metric>', 'another metric than the workload’s own')
      .option('--rivals', 'lab: also run random and grid on the same case, for the table')
      .option('--no-referee', 'do not confirm the result (lab: cold boots; host: windows by turns)')
      .option('--finalists <n>', 'lab: how many of the search’s best settings the referee measures', '3')
      .option('--referee-windows <n>', 'lab: windows the referee averages (default: the workload’s)')
      .option('--out <dir>', 'write result.json, cycles.jsonl and report.html there')
      .action(async (flags: TuneFlags, command: Command) => {
        const out = makeOutput(flags.json ?? false);
        const run = ready(flags, command);
        const dir = flags.out === undefined ? null : prepareOutDir(flags.out);
        const workload = withSignature(flags.workload);
        using ledger = new Ledger();
        const result = await run({
          account: accountIn(ledger, operator()),
          signal: stopSignal(out.note),
          onCycle: (progress) => out.step(cycleLine(progress, workload, flags.objective)),
          onPhase: out.note,
        });
        const written =
          dir === null
            ? null
            : writeReport(result, dir, { describe: (_, metric) => workload?.metrics[metric] });
        for (const remark of result.remarks ?? []) out.note(`note: ${remark}`);
        const text = [
          caseSummary(result),
          ...modelLines(result),
          ...(written ? [`report: ${written.html}`] : []),
        ].join('\n');
        out.result(result, text);
        const isUntried = result.verdict.tried === 0 && result.tuner !== 'fixed' && Number(flags.cycles) > 1;
        if (result.verdict.interrupted || isUntried) process.exitCode = EXIT.rejected;
      }),
    'tunesmith tune --workload wakeup --cycles 12 --out out/wakeup',
    'tunesmith tune --target host --workload mixed --scope pid:1234 --out out/service',
  );
