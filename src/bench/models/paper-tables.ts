import { quantile } from '../../tuners/bayesian/costs.js';
import { PAPER_LATENCIES } from '../../tuners/speculative/clock.js';
import { median } from '../statistics.js';
import { table } from '../table.js';
import { DECISIONS, type ModelsBenchRow, PRICED } from './row.js';

const historiesIn = (rows: readonly ModelsBenchRow[]): readonly string[] => [
  ...new Set(rows.map(({ history }) => history)),
];

/**
 * How long replies took, as recorded, in the layout of the paper's Table 3 and above its figures. The scripted model
 * thinks of nothing: its rows are what prompt, HTTP and the reading of the reply take.
 */
export function latencyTable(rows: readonly ModelsBenchRow[]): string {
  const ours = historiesIn(rows).map((history) => {
    const all = rows.filter((row) => row.history === history).flatMap(({ latenciesMs }) => latenciesMs);
    const seconds = [0.5, 0.95].map((share) => (quantile(all, share) / 1000).toFixed(4));
    return [`scripted, ${history}`, 'no', `${all.length}`, ...seconds];
  });
  const paper = Object.entries(PAPER_LATENCIES).map(([model, { p50, p95 }]) => {
    const thinks = model.endsWith('lite') ? 'no' : 'yes';
    return [`paper: ${model.replace('gemini-', '')}`, thinks, '200', p50.toFixed(2), p95.toFixed(2)];
  });
  return table([['model', 'thinking', 'requests', 'p50, s', 'p95, s'], ...ours, ...paper]);
}

/** The LumOS paper's Table 4: 200 iterations without and with its cap; its output holds thoughts. */
const PAPER_RUNS: Readonly<Record<string, readonly [input: string, output: string, cost: string]>> = {
  'full 2.5-pro': ['3.38', '0.23', '$6.51'],
  'full 2.5-flash': ['3.11', '0.19', '$1.40'],
  'full 2.5-flash-lite': ['3.14', '0.01', '$0.32'],
  'cap 50 2.5-pro': ['1.46', '0.23', '$4.10'],
  'cap 50 2.5-flash': ['1.34', '0.19', '$0.87'],
  'cap 50 2.5-flash-lite': ['1.35', '0.01', '$0.14'],
};

/** What a run came to, from the usage recorded, in the layout of the paper's Table 4 and beside its figures. */
export function costTable(rows: readonly ModelsBenchRow[]): string {
  const lines = historiesIn(rows).flatMap((history) =>
    PRICED.map((priced) => {
      const own = rows.filter((row) => row.history === history);
      const of = (pick: (row: ModelsBenchRow) => number) => median(own.map(pick));
      const usd = of((row) => row.usd[priced] as number);
      const model = priced.replace('gemini-', '');
      return [
        ...[history, model],
        ((of((row) => row.inputPerCycle) * DECISIONS) / 1e6).toFixed(2),
        ((of((row) => row.outputPerCycle) * DECISIONS) / 1e6).toFixed(2),
        ...[`$${usd.toFixed(2)}`, `$${(usd / DECISIONS).toFixed(4)}`],
        ...(PAPER_RUNS[`${history} ${model}`] ?? ['–', '–', '–']),
      ];
    }),
  );
  const paper = ['paper: input', 'output', 'a run'];
  return table([['history', 'prices of', 'input, M', 'output, M', 'a run', 'a cycle', ...paper], ...lines]);
}
