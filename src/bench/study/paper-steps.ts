import { signed, table } from '../table.js';
import { OUTSIDE } from './outside.js';
import { type SteppedRow, steppedRows } from './stepped-figures.js';
import type { SteppedResult } from './stepped-run.js';

type P99 = readonly [all: number, low: number, high: number];

/** LumOS paper, Table 2, ms: over all windows, at 300 and at 1100 tx/s. The LLM is Gemini 2.5 Flash. */
const TABLE_2: Readonly<Record<string, P99>> = {
  bayesian: [49.28, 49.47, 48.72],
  dqn: [49.58, 49.47, 49.89],
  'q-learning': [48.88, 49.21, 47.91],
  human: [47.66, 47.4, 48.4],
  llm: [46.24, 45.71, 47.78],
};
/** Who is in both: the paper has no row for the default left alone. */
const BASE = 'bayesian';

/** What each tuner came to against Bayesian optimisation, beside the paper's own figures. */
export function besideTable2(study: SteppedResult): string {
  const rows = steppedRows(study);
  const [high = '', low = ''] = study.phases.map(({ name }) => name);
  const base = rows.find(({ tuner }) => tuner === BASE);
  const ours = (tuner: string): string => {
    const row = rows.find((other) => other.tuner === tuner);
    if (!row) return OUTSIDE[tuner] ?? '–';
    const pick = (of: SteppedRow | undefined) =>
      [of?.all, of?.byLoad[low], of?.byLoad[high]].map((figure) => figure?.mean);
    return base ? text(pick(row), pick(base)) : '–';
  };
  const all = new Set([...rows.map(({ tuner }) => tuner), 'human', 'llm']);
  const names = [...all].filter((tuner) => tuner !== BASE);
  const lines = names.map((tuner) => {
    const theirs = TABLE_2[tuner];
    return [tuner, ours(tuner), theirs ? text(theirs, TABLE_2[BASE] as P99) : '–'];
  });
  return [
    '### Beside the paper’s Table 2',
    '',
    `p99 against ${BASE}’s, %: all windows (${low} / ${high}); the paper’s rates are 300 and 1100 tx/s, on the same scale.`,
    '',
    table([['tuner', 'ours', 'paper'], ...lines]),
  ].join('\n');
}

function text(
  values: readonly (number | null | undefined)[],
  bases: readonly (number | null | undefined)[],
): string {
  const [all, ...parts] = values.map((value, i) => {
    const base = bases[i];
    return value && base ? signed(100 * (value / base - 1)) : '–';
  });
  return `${all} (${parts.join(' / ')})`;
}
