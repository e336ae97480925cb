import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { controlBench } from '../../bench/control-bench.js';
import { evidenceBench } from '../../bench/evidence-bench.js';
import { fidelityBench } from '../../bench/fidelity.js';
import { labBench } from '../../bench/lab-bench.js';
import { matrixBench } from '../../bench/matrix-bench.js';
import { mcpBench } from '../../bench/mcp-bench.js';
import { modelsBench } from '../../bench/models-bench.js';
import { speculationBench } from '../../bench/speculation-bench.js';
import { lumosE1, PROFILES } from '../../bench/study/lumos-e1.js';
import { studyText } from '../../bench/study/tables.js';
import { synthesisBench } from '../../bench/synthesis-bench.js';
import { telemetryBench } from '../../bench/telemetry-bench.js';
import { tuneBench } from '../../bench/tune-bench.js';
import { tunerBench } from '../../bench/tuner-cost.js';
import { verifyBench } from '../../bench/verify-bench.js';
import { usageError } from '../../errors.js';
import { Lab } from '../../lab/lab.js';
import { writeFilesAtomically } from '../../report/atomic.js';
import { prepareOutDir } from '../../report/out-dir.js';
import { renderStudy } from '../../report/study.js';
import { parseCount } from '../../units.js';
import { makeOutput } from '../output.js';

interface BenchFlags {
  readonly repeats?: string;
  readonly profile?: string;
  readonly out?: string;
  readonly cases?: string;
  readonly candidates?: string;
  readonly json?: boolean;
}

type Bench = (
  repeats: number,
  note: (text: string) => void,
  flags: BenchFlags,
) => Promise<{ readonly text: string }>;

/** Flags that not every experiment takes. */
const TAKEN = ['profile', 'out', 'cases', 'candidates'] as const;
type Taken = (typeof TAKEN)[number];

/** Experiments by name, and how often each repeats unless told. */
const EXPERIMENTS: Readonly<
  Record<string, { readonly run: Bench; readonly repeats: number; readonly takes?: readonly Taken[] }>
> = {
  lab: { run: (repeats, note) => labBench({ repeats, note }), repeats: 20 },
  tune: { run: tuneBench, repeats: 5 },
  fidelity: { run: fidelityBench, repeats: 5 },
  models: { run: modelsBench, repeats: 10 },
  'lumos-e3': { run: speculationBench, repeats: 60 },
  mcp: { run: mcpBench, repeats: 1000 },
  telemetry: { run: telemetryBench, repeats: 12 },
  verify: { run: verifyBench, repeats: 2 },
  matrix: { run: matrixBench, repeats: 2 },
  evidence: { run: evidenceBench, repeats: 2 },
  tuners: { run: tunerBench, repeats: 3 },
  'lumos-e1': { run: runLumosE1, repeats: 5, takes: ['profile', 'out'] },
  control: { run: controlBench, repeats: 210 },
  synthesis: { run: runSynthesis, repeats: 5, takes: ['cases', 'candidates'] },
};

function runSynthesis(seeds: number, note: (text: string) => void, { cases, candidates }: BenchFlags) {
  return synthesisBench(seeds, note, {
    ...(cases !== undefined && { cases }),
    ...(candidates !== undefined && { candidates: parseCount(candidates, '--candidates', 1, 100_000) }),
  });
}

async function runLumosE1(
  seeds: number,
  note: (text: string) => void,
  { profile = 'quick', out }: BenchFlags,
) {
  const dir = out === undefined ? null : prepareOutDir(out);
  const lab = new Lab();
  try {
    const study = await lumosE1(lab, { profile, seeds }, note);
    const text = studyText(study.studies);
    if (dir === null) return { ...study, text };
    const title = `lumos-e1, ${profile} profile`;
    writeFilesAtomically(dir, {
      'study.md': `${text}\n`,
      'study.json': `${JSON.stringify(study)}\n`,
      'study.html': renderStudy(title, study.studies, text),
    });
    return { ...study, text: `${text}\n\nreport: ${join(dir, 'study.html')}` };
  } finally {
    await lab.close();
  }
}

export const benchCommand = (): Command =>
  new Command('bench')
    .description('experiments that print the tables in docs/')
    .addArgument(new Argument('<experiment>').choices(Object.keys(EXPERIMENTS)))
    .option('--repeats <n>', 'runs, seeds, rounds, kills or windows; each experiment has its own number')
    .option('--profile <name>', `lumos-e1: ${Object.keys(PROFILES).join(', ')} (default: quick)`)
    .option('--out <dir>', 'lumos-e1: write study.md, study.json and study.html there')
    .option('--cases <list>', 'synthesis: cases of its table, such as wakeup/2,mixed/4; none: its pace alone')
    .option('--candidates <n>', 'synthesis: candidates of each search')
    .option('--json', 'print one JSON object')
    .action(async (name: string, flags: BenchFlags) => {
      const out = makeOutput(flags.json ?? false);
      const experiment = EXPERIMENTS[name] as (typeof EXPERIMENTS)[string];
      for (const flag of TAKEN)
        if (flags[flag] !== undefined && !experiment.takes?.includes(flag))
          throw usageError(`--${flag}`, flags[flag], `is nothing that ${name} takes`, 'leave it out');
      const repeats =
        flags.repeats === undefined ? experiment.repeats : parseCount(flags.repeats, '--repeats', 2, 1000);
      const done = await experiment.run(repeats, out.note, flags);
      out.result(done, done.text);
    });
