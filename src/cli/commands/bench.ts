import { Argument, Command } from 'commander';
import { changeBench } from '../../bench/change-bench.js';
import { controlBench } from '../../bench/control-bench.js';
import type { Measured } from '../../bench/evidence/page.js';
import { evidenceBench } from '../../bench/evidence-bench.js';
import { fidelityBench } from '../../bench/fidelity.js';
import { labBench } from '../../bench/lab-bench.js';
import { matrixBench } from '../../bench/matrix-bench.js';
import { mcpBench } from '../../bench/mcp-bench.js';
import { modelsBench } from '../../bench/models-bench.js';
import { speculationText } from '../../bench/speculation/text.js';
import { speculationBench } from '../../bench/speculation-bench.js';
import { startupBench } from '../../bench/startup-bench.js';
import { lumosE1 } from '../../bench/study/lumos-e1.js';
import { lumosE2 } from '../../bench/study/lumos-e2.js';
import { besidePaper } from '../../bench/study/paper.js';
import { besideTable2 } from '../../bench/study/paper-steps.js';
import { steppedText } from '../../bench/study/stepped-tables.js';
import { studyText } from '../../bench/study/tables.js';
import { synthesisBench } from '../../bench/synthesis-bench.js';
import { telemetryBench } from '../../bench/telemetry-bench.js';
import { tuneBench } from '../../bench/tune-bench.js';
import { tunerBench } from '../../bench/tuner-cost.js';
import { verifyBench } from '../../bench/verify-bench.js';
import { usageError } from '../../errors.js';
import { nearHint } from '../../near.js';
import { policyNames } from '../../policies/catalogue.js';
import { writeFilesAtomically } from '../../report/atomic.js';
import { keepEvidence } from '../../report/keep-evidence.js';
import { prepareOutDir } from '../../report/out-dir.js';
import { renderSpeculation } from '../../report/speculation.js';
import { parseCount } from '../../units.js';
import { makeOutput } from '../output.js';
import { type Bench, type BenchFlags, runReach, STUDY_FLAGS, studied, studyPage } from './bench-study.js';

/** Flags that not every experiment takes. */
const TAKEN = [...STUDY_FLAGS, 'only', 'part', 'cases', 'candidates'] as const;
type Taken = (typeof TAKEN)[number];

/** Experiments by name, and how often each repeats unless told; null where nothing is repeated. */
const EXPERIMENTS: Readonly<
  Record<string, { readonly run: Bench; readonly repeats: number | null; readonly takes?: readonly Taken[] }>
> = {
  lab: {
    run: (repeats, note, flags) => labBench({ repeats, note }, flags),
    ...{ repeats: 20, takes: ['part'] },
  },
  tune: { run: tuneBench, repeats: 5 },
  fidelity: { run: fidelityBench, repeats: 5 },
  models: { run: modelsBench, repeats: 10 },
  mcp: { run: mcpBench, repeats: 1000 },
  telemetry: { run: telemetryBench, repeats: 12 },
  verify: { run: verifyBench, repeats: 2, takes: ['only', 'part'] },
  matrix: { run: matrixBench, repeats: 2, takes: ['only'] },
  evidence: { run: runEvidence, repeats: 5, takes: ['only', 'out'] },
  changes: { run: changeBench, repeats: 1000 },
  startup: { run: startupBench, repeats: 9 },
  tuners: { run: tunerBench, repeats: 3 },
  reach: { run: runReach, repeats: 5, takes: ['cases'] },
  'lumos-e1': {
    run: studied(
      'lumos-e1',
      lumosE1,
      ({ studies }) => `${studyText(studies)}\n\n${besidePaper(studies)}`,
      studyPage,
    ),
    ...{ repeats: 5, takes: STUDY_FLAGS },
  },
  'lumos-e2': {
    run: studied(
      'lumos-e2',
      lumosE2,
      ({ studies }) => studies.flatMap((study) => [steppedText(study), besideTable2(study)]).join('\n\n'),
      studyPage,
    ),
    ...{ repeats: 5, takes: STUDY_FLAGS },
  },
  'lumos-e3': {
    run: studied(
      'lumos-e3',
      speculationBench,
      ({ rows, window_ns }) => speculationText(rows, window_ns),
      renderSpeculation,
    ),
    ...{ repeats: null, takes: STUDY_FLAGS },
  },
  control: { run: controlBench, repeats: 210 },
  synthesis: { run: runSynthesis, repeats: 5, takes: ['cases', 'candidates'] },
};

/** @throws TunesmithError (usage) when no policy's name has the text in it: nothing would be measured */
function checkOnly(text: string): void {
  const names = policyNames();
  if (!names.some((policy) => policy.includes(text)))
    throw usageError('--only', text, 'is in no policy’s name', nearHint(text, names));
}

function runSynthesis(seeds: number, note: (text: string) => void, { cases, candidates }: BenchFlags) {
  return synthesisBench(seeds, note, {
    ...(cases !== undefined && { cases }),
    ...(candidates !== undefined && { candidates: parseCount(candidates, '--candidates', 1, 100_000) }),
  });
}

/**
 * With --out each policy's trials are written into its own evidence directory, and the page there, which is about all
 * policies: with --only it is left alone.
 */
async function runEvidence(repeats: number, note: (text: string) => void, flags: BenchFlags) {
  const dir = flags.out === undefined ? null : prepareOutDir(flags.out);
  const keep = (page: string, measured: readonly Measured[]): void => {
    if (dir === null) return;
    if (flags.only === undefined) writeFilesAtomically(dir, { 'evidence.md': `${page}\n` });
    for (const { subject, found } of measured) if (subject.dir) keepEvidence(subject.dir, found);
  };
  return evidenceBench(repeats, note, { ...flags, keep });
}

export const benchCommand = (): Command =>
  new Command('bench')
    .addArgument(new Argument('<experiment>', 'which').choices(Object.keys(EXPERIMENTS)))
    .option('--repeats <n>', 'runs, seeds, rounds or kills; each experiment has its own number')
    .option('--profile <name>', 'lumos-e1 to -e3: quick (default) or full')
    .option('--cycles <n>', 'lumos-e1 to -e3: windows of each run (default: the profile’s)')
    .option(
      '--window <duration>',
      'lumos-e1 to -e3: their length, for example 500ms (default: the profile’s)',
    )
    .option('--model <spec>', 'lumos-e1 to -e3: the model of the rows that need one, as tune takes it')
    .option(
      '--budget <limits>',
      'lumos-e1 to -e3: what that model may cost in all (default: calls=5000,tokens=25M)',
    )
    .option('--trace <file>', 'lumos-e1 to -e3: somebody’s own choices, as tune takes them')
    .option(
      '--out <dir>',
      'lumos-e1 to -e3: write study.md, .json and .html there; evidence: evidence.md, and each policy’s trials',
    )
    .option('--only <text>', 'verify, matrix, evidence: policies whose name has this in it')
    .option('--part <name>', 'verify: bad, good or times alone; lab: speed or exact')
    .option(
      '--cases <list>',
      'synthesis: cases of its table, such as wakeup/2,mixed/4; none: its pace alone; reach: loads',
    )
    .option('--candidates <n>', 'synthesis: candidates of each search')
    .option('--json', 'print one JSON object')
    .action(async (name: string, flags: BenchFlags) => {
      const out = makeOutput(flags.json ?? false);
      const experiment = EXPERIMENTS[name] as (typeof EXPERIMENTS)[string];
      for (const flag of TAKEN)
        if (flags[flag] !== undefined && !experiment.takes?.includes(flag))
          throw usageError(`--${flag}`, flags[flag], `is nothing that ${name} takes`, 'leave it out');
      if (flags.only !== undefined && name !== 'verify') checkOnly(flags.only);
      const { repeats } = experiment;
      if (flags.repeats !== undefined && repeats === null)
        throw usageError(
          '--repeats',
          flags.repeats,
          `is nothing that ${name} takes`,
          '--cycles says how many windows',
        );
      const often =
        flags.repeats === undefined ? (repeats ?? 1) : parseCount(flags.repeats, '--repeats', 2, 1000);
      const done = await experiment.run(often, out.note, flags);
      out.result(done, done.text);
    });
