import { join } from 'node:path';
import type { StudyOptions } from '../../bench/study/profile.js';
import { CYCLES } from '../../bench/study/reach.js';
import { reachLoads } from '../../bench/study/reach-loads.js';
import { reachText } from '../../bench/study/reach-tables.js';
import type { StudyResult } from '../../bench/study/run.js';
import { usageError } from '../../errors.js';
import { Lab } from '../../lab/lab.js';
import { writeFilesAtomically } from '../../report/atomic.js';
import { prepareOutDir } from '../../report/out-dir.js';
import { renderStudy } from '../../report/study.js';
import { parseCount, parsePositiveDuration } from '../../units.js';
import { commandLine } from './tune.js';

export interface BenchFlags {
  readonly repeats?: string;
  readonly profile?: string;
  readonly out?: string;
  readonly only?: string;
  readonly part?: string;
  readonly cases?: string;
  readonly candidates?: string;
  readonly model?: string;
  readonly budget?: string;
  readonly trace?: string;
  readonly window?: string;
  readonly cycles?: string;
  readonly json?: boolean;
}

/** An experiment: how often, whom to tell, what else was asked; its figures, and its tables as text. */
export type Bench = (
  repeats: number,
  note: (text: string) => void,
  flags: BenchFlags,
) => Promise<{ readonly text: string }>;

/** Flags that the LumOS studies take beside --repeats. */
export const STUDY_FLAGS = ['profile', 'out', 'model', 'budget', 'trace', 'window', 'cycles'] as const;

/** Fewer windows than this have no stretches to tell apart. */
const FEWEST_CYCLES = 8;

/** What the flags ask of a study. @throws TunesmithError (usage) naming the flag */
export function studyOptions(flags: BenchFlags, seeds: number): StudyOptions {
  const { profile = 'quick', model, budget, trace, window, cycles } = flags;
  if (budget !== undefined && model === undefined)
    throw usageError('--budget', budget, 'goes with --model', 'name the model, or leave it out');
  return {
    ...{ profile, trace },
    // The number every experiment has is not the full profile's.
    seeds: flags.repeats === undefined ? undefined : seeds,
    models: model === undefined ? undefined : { model, budget },
    windowNs: window === undefined ? undefined : parsePositiveDuration(window, '--window'),
    cycles: cycles === undefined ? undefined : parseCount(cycles, '--cycles', FEWEST_CYCLES, 100_000),
  };
}

/** A study by its function, its tables and its page; with `--out` also as files, which say what made them. */
export const studied =
  <S extends object>(
    name: string,
    study: (lab: Lab, options: StudyOptions, note: (text: string) => void) => Promise<S>,
    textOf: (study: S) => string,
    page: (title: string, study: S, text: string) => string,
  ): Bench =>
  async (seeds, note, flags) => {
    const options = studyOptions(flags, seeds);
    const dir = flags.out === undefined ? null : prepareOutDir(flags.out);
    const found = await withLab((lab) => study(lab, options, note));
    const text = textOf(found);
    if (dir === null) return { ...found, text };
    const whole = `${commandLine()}\n\n${text}`;
    writeFilesAtomically(dir, {
      'study.md': `${whole}\n`,
      'study.json': `${JSON.stringify(found)}\n`,
      'study.html': page(`${name}, ${options.profile} profile`, found, whole),
    });
    return { ...found, text: `${text}\n\nreport: ${join(dir, 'study.html')}` };
  };

/** The pages of the two studies that share a form. */
export const studyPage = (
  title: string,
  { studies }: { readonly studies: readonly StudyResult[] },
  text: string,
): string => renderStudy(title, studies, text);

/** Cycles to within 3 % of the oracle, on five loads. */
export const runReach: Bench = async (seeds, note, { cases: only }) => {
  const cases = await withLab((lab) => reachLoads(lab, seeds, note, only));
  return { schema: 'tunesmith.bench.reach/1', cases, text: reachText(cases, CYCLES) };
};

async function withLab<T>(work: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = new Lab();
  try {
    return await work(lab);
  } finally {
    await lab.close();
  }
}
