import { signed, table } from '../table.js';
import type { Interval } from './bootstrap.js';
import { rowsOf, STRETCHES } from './figures.js';
import { OUTSIDE } from './outside.js';
import type { StudyResult } from './run.js';

/** Change of p99 against the default: over all cycles, 0–20, 20–50 and 150–200. */
type Changes = readonly [all: number, first: number, second: number, last: number];

/** LumOS paper, Table 1, percent; TPC-C on a real machine. The LLM is Gemini 2.5 Flash. */
const TABLE_1: Readonly<Record<string, { readonly one: Changes; readonly two: Changes }>> = {
  bayesian: { one: [-11.15, -10.97, -11.87, -11.37], two: [4.01, 15.76, 7.87, 6.01] },
  'q-learning': { one: [-11.96, -11.08, -12.42, -12.47], two: [10.3, 15.21, 18.4, 2.16] },
  dqn: { one: [-11.12, -11.65, -12.34, -11.13], two: [12.78, 13.0, 18.14, 7.8] },
  llm: { one: [-15.55, -14.88, -16.04, -15.27], two: [-3.39, -0.89, -6.31, -2.75] },
};

/** What each tuner gained while tuning, beside the paper's own figures for the same number of knobs. */
export function besidePaper(studies: readonly StudyResult[]): string {
  const names = [...new Set(studies.flatMap((study) => study.runs.map(({ tuner }) => tuner)))];
  const head = ['tuner', ...studies.flatMap(({ name, knobs }) => [name, `paper, ${knobs.length}P`])];
  const lines = [...new Set([...names, 'llm'])].map((tuner) => [
    tuner,
    ...studies.flatMap((study) => {
      const paper = TABLE_1[tuner];
      const theirs = study.knobs.length === 1 ? paper?.one : paper?.two;
      return [ours(study, tuner), theirs ? text(theirs) : '–'];
    }),
  ]);
  return [
    '### Beside the paper',
    '',
    `Change of p99 against the default while tuning, %: all cycles (${STRETCHES.map(({ name }) => name).join(' / ')}); below 0 is` +
      ' better. The paper’s are of TPC-C on a real machine, its LLM Gemini 2.5 Flash.',
    '',
    table([head, ...lines]),
  ].join('\n');
}

function ours(study: StudyResult, tuner: string): string {
  const row = rowsOf(study).find((other) => other.tuner === tuner);
  if (!row) return OUTSIDE[tuner] ?? '–';
  const changes = [row.tuning, ...row.stretches].map((part) => change(study, part));
  return changes.some((value) => value === null) ? '–' : text(changes as unknown as Changes);
}

function change({ default: start }: StudyResult, part: Interval | null): number | null {
  const mean = part?.mean;
  return mean === undefined || !start.objective ? null : 100 * (mean / start.objective - 1);
}

const text = ([all, ...parts]: Changes): string => `${signed(all)} (${parts.map(signed).join(' / ')})`;
