import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { controlBench } from '../../bench/control-bench.js';
import type { Measured } from '../../bench/evidence/page.js';
import { evidenceBench } from '../../bench/evidence-bench.js';
import { fidelityBench } from '../../bench/fidelity.js';
import { labBench } from '../../bench/lab-bench.js';
import { matrixBench } from '../../bench/matrix-bench.js';
import { mcpBench } from '../../bench/mcp-bench.js';
import { modelsBench } from '../../bench/models-bench.js';
import { speculationBench } from '../../bench/speculation-bench.js';
import { lumosE1, PROFILES } from '../../bench/study/lumos-e1.js';
import { studyText } from '../../bench/study/tables.js';
import { telemetryBench } from '../../bench/telemetry-bench.js';
import { tuneBench } from '../../bench/tune-bench.js';
import { tunerBench } from '../../bench/tuner-cost.js';
import { verifyBench } from '../../bench/verify-bench.js';
import { usageError } from '../../errors.js';
import { Lab } from '../../lab/lab.js';
import { writeFilesAtomically } from '../../report/atomic.js';
import { keepEvidence } from '../../report/keep-evidence.js';
import { prepareOutDir } from '../../report/out-dir.js';
import { renderStudy } from '../../report/study.js';
import { parseCount } from '../../units.js';
import { makeOutput } from '../output.js';

interface BenchFlags {
  readonly repeats?: string;
  readonly profile?: string;
  readonly out?: string;
  readonly only?: string;
  readonly json?: boolean;
}

type Bench = (
  repeats: number,
  note: (text: string) => void,
  flags: BenchFlags,
) => Promise<{ readonly text: string }>;

/** Experiments by name, and how often each repeats unless told. */
const EXPERIMENTS: Readonly<
  Record<
    string,
    {
      readonly run: Bench;
      readonly repeats: number;
      readonly isStudy?: boolean;
      readonly hasParts?: boolean;
      readonly writes?: boolean;
    }
  >
> = {
  lab: { run: (repeats, note) => labBench({ repeats, note }), repeats: 20 },
  tune: { run: tuneBench, repeats: 5 },
  fidelity: { run: fidelityBench, repeats: 5 },
  models: { run: modelsBench, repeats: 10 },
  'lumos-e3': { run: speculationBench, repeats: 60 },
  mcp: { run: mcpBench, repeats: 1000 },
  telemetry: { run: telemetryBench, repeats: 12 },
  verify: { run: verifyBench, repeats: 2, hasParts: true },
  matrix: { run: matrixBench, repeats: 2, hasParts: true },
  evidence: { run: runEvidence, repeats: 2, hasParts: true, writes: true },
  tuners: { run: tunerBench, repeats: 3 },
  'lumos-e1': { run: runLumosE1, repeats: 5, isStudy: true },
  control: { run: controlBench, repeats: 210 },
};

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

/** With --out the page is written there, and each policy's trials into its own evidence directory. */
async function runEvidence(repeats: number, note: (text: string) => void, flags: BenchFlags) {
  const dir = flags.out === undefined ? null : prepareOutDir(flags.out);
  const keep = (page: string, measured: readonly Measured[]): void => {
    if (dir === null) return;
    writeFilesAtomically(dir, { 'evidence.md': `${page}\n` });
    for (const { subject, found } of measured) if (subject.dir) keepEvidence(subject.dir, found);
  };
  return evidenceBench(repeats, note, { ...flags, keep });
}

export const benchCommand = (): Command =>
  new Command('bench')
    .description('experiments that print the tables in docs/')
    .addArgument(new Argument('<experiment>').choices(Object.keys(EXPERIMENTS)))
    .option('--repeats <n>', 'runs, seeds, rounds, kills or windows; each experiment has its own number')
    .option('--profile <name>', `lumos-e1: ${Object.keys(PROFILES).join(', ')} (default: quick)`)
    .option(
      '--out <dir>',
      'lumos-e1: write study.md, .json and .html there; evidence: evidence.md, and each policy’s trials',
    )
    .option('--only <text>', 'verify, matrix, evidence: policies whose name has this in it')
    .option('--json', 'print one JSON object')
    .action(async (name: string, flags: BenchFlags) => {
      const out = makeOutput(flags.json ?? false);
      const experiment = EXPERIMENTS[name] as (typeof EXPERIMENTS)[string];
      const takes = {
        profile: experiment.isStudy,
        out: experiment.isStudy || experiment.writes,
        only: experiment.hasParts,
      };
      for (const [flag, taken] of Object.entries(takes)) {
        const value = flags[flag as keyof typeof takes];
        if (value !== undefined && !taken)
          throw usageError(`--${flag}`, value, `is nothing that ${name} takes`, 'leave it out');
      }
      const repeats =
        flags.repeats === undefined ? experiment.repeats : parseCount(flags.repeats, '--repeats', 2, 1000);
      const done = await experiment.run(repeats, out.note, flags);
      out.result(done, done.text);
    });
