import { join } from 'node:path';
import { CYCLES } from '../../bench/study/reach.js';
import { reachLoads } from '../../bench/study/reach-loads.js';
import { reachText } from '../../bench/study/reach-tables.js';
import type { StudyResult } from '../../bench/study/run.js';
import { Lab } from '../../lab/lab.js';
import { writeFilesAtomically } from '../../report/atomic.js';
import { prepareOutDir } from '../../report/out-dir.js';
import { renderStudy } from '../../report/study.js';

export interface BenchFlags {
  readonly repeats?: string;
  readonly profile?: string;
  readonly out?: string;
  readonly only?: string;
  readonly part?: string;
  readonly cases?: string;
  readonly candidates?: string;
  readonly json?: boolean;
}

/** An experiment: how often, whom to tell, what else was asked; its figures, and its tables as text. */
export type Bench = (
  repeats: number,
  note: (text: string) => void,
  flags: BenchFlags,
) => Promise<{ readonly text: string }>;

/** A study by its function and its tables; with `--out` also as files. */
export const studied =
  <S extends { readonly studies: readonly StudyResult[] }>(
    name: string,
    study: (
      lab: Lab,
      options: { profile: string; seeds: number },
      note: (text: string) => void,
    ) => Promise<S>,
    textOf: (study: S) => string,
  ): Bench =>
  async (seeds, note, { profile = 'quick', out }) => {
    const dir = out === undefined ? null : prepareOutDir(out);
    const found = await withLab((lab) => study(lab, { profile, seeds }, note));
    const text = textOf(found);
    if (dir === null) return { ...found, text };
    writeFilesAtomically(dir, {
      'study.md': `${text}\n`,
      'study.json': `${JSON.stringify(found)}\n`,
      'study.html': renderStudy(`${name}, ${profile} profile`, found.studies, text),
    });
    return { ...found, text: `${text}\n\nreport: ${join(dir, 'study.html')}` };
  };

/** Cycles to within 3 % of the oracle, on three loads. */
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
