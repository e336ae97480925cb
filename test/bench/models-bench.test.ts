import { expect, it } from 'vitest';
import { costTable, latencyTable } from '../../src/bench/models/paper-tables.js';
import type { ModelsBenchRow } from '../../src/bench/models/row.js';

const row = (history: string, seed: number, more: Partial<ModelsBenchRow> = {}): ModelsBenchRow => ({
  ...{ history, seed, inputPerCycle: 1000, outputPerCycle: 100, regret: 0.07, frozenRegret: 0 },
  latenciesMs: Array.from({ length: 101 }, (_, i) => 10 * i),
  usd: { 'gemini-2.5-pro': 0.45, 'gemini-2.5-flash': 0.11, 'gemini-2.5-flash-lite': 0.03 },
  ...more,
});
/** The cells of the one row that begins so. */
const cells = (text: string, start: string): string[] => {
  const lines = text.split('\n').filter((line) => line.replace(/\s+/g, ' ').startsWith(`| ${start}`));
  expect(lines).toHaveLength(1);
  return (lines[0] as string)
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
};

it('gives the latencies recorded as percentiles over all seeds, above the paper’s', () => {
  const slower = Array.from({ length: 101 }, (_, i) => 2000 + 10 * i);
  const text = latencyTable([row('full', 1), row('summary', 1), row('summary', 2, { latenciesMs: slower })]);
  expect(cells(text, 'scripted, full')).toEqual(['scripted, full', 'no', '101', '0.5000', '0.9500']);
  expect(cells(text, 'scripted, summary').slice(2)).toEqual(['202', '1.5000', '2.8995']);
  expect(cells(text, 'paper: 2.5-pro')).toEqual(['paper: 2.5-pro', 'yes', '200', '18.63', '61.90']);
  expect(cells(text, 'paper: 2.5-flash-lite')).toEqual([
    'paper: 2.5-flash-lite',
    'no',
    '200',
    '1.25',
    '4.52',
  ]);
});

it('gives tokens and money of a run and of a cycle, beside the paper’s', () => {
  const text = costTable([row('full', 1, { inputPerCycle: 22_000 }), row('summary', 1)]);
  expect(cells(text, 'full | 2.5-pro')).toEqual([
    ...['full', '2.5-pro', '4.40', '0.02', '$0.45', '$0.0023', '3.38', '0.23', '$6.51'],
  ]);
  expect(cells(text, 'summary | 2.5-flash |').slice(2)).toEqual([
    ...['0.20', '0.02', '$0.11', '$0.0006', '–', '–', '–'],
  ]);
});
