import type { Account } from '../../models/account.js';
import { formatValue } from '../../units.js';
import { table } from '../table.js';
import type { StudyResult } from './run.js';
import type { Words } from './words.js';

/** Runs of one kind that may have asked a model. */
export interface Asking {
  readonly who: string;
  readonly runs: readonly Words[];
}

/** Who asked in a study: the tuners of each case. */
export const askingIn = (studies: readonly StudyResult[]): readonly Asking[] =>
  studies.flatMap(({ name, runs }) =>
    [...new Set(runs.map(({ tuner }) => tuner))].map((tuner) => ({
      who: `${tuner}, ${name}`,
      runs: runs.filter((run) => run.tuner === tuner),
    })),
  );

/** What the models came to, as Markdown: calls, tokens, money at dated list prices, latency; nothing where none was asked. */
export function usageText(asking: readonly Asking[]): readonly string[] {
  const lines = asking.flatMap(({ who, runs }) =>
    byModel(runs).map(([model, accounts]) => [who, model, `${accounts.length}`, ...costsOf(accounts)]),
  );
  if (lines.length === 0) return [];
  const remarks = asking.flatMap(({ who, runs }) => {
    const said = runs.flatMap((run) => run.remarks ?? []);
    return [...new Set(said)].map((remark) => {
      const times = said.filter((other) => other === remark).length;
      return `- ${who}: ${remark} (${times} of ${runs.length} runs)`;
    });
  });
  const head = ['asked by', 'model', 'runs', 'calls', 'failed', 'tokens in', 'a call', 'tokens out', 'cost'];
  return [
    '### What the models cost',
    'As the providers counted, at list prices of the day named; latencies as measured, or as a tape recorded them.',
    table([[...head, 'prices of', 'latency p50', 'p95'], ...lines]),
    ...(remarks.length > 0 ? [remarks.join('\n')] : []),
  ];
}

/** Accounts by model, in the order they come. */
function byModel(
  runs: readonly Words[],
): readonly (readonly [model: string, accounts: readonly Account[]])[] {
  const all = runs.flatMap(({ models = [] }) => models);
  return [...new Set(all.map(({ model }) => model))].map((model) => [
    model,
    all.filter((account) => account.model === model),
  ]);
}

function costsOf(accounts: readonly Account[]): readonly string[] {
  const sum = (of: (account: Account) => number) => accounts.reduce((total, one) => total + of(one), 0);
  const calls = sum((account) => account.calls);
  const input = sum(({ inputTokens }) => inputTokens);
  const isPriced = accounts.every(({ usd }) => usd !== null);
  const sorted = accounts.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const latency = (share: number): string => {
    const ms = sorted[Math.ceil(share * sorted.length) - 1];
    return ms === undefined ? '–' : `${(ms / 1000).toFixed(2)} s`;
  };
  return [
    ...[calls, sum(({ failures }) => failures), input].map((count) => formatValue(count, 'count')),
    calls === 0 ? '–' : formatValue(Math.round(input / calls), 'count'),
    formatValue(
      sum(({ outputTokens }) => outputTokens),
      'count',
    ),
    isPriced ? `$${sum(({ usd }) => usd ?? 0).toFixed(4)}` : 'price unknown',
    (isPriced && accounts[0]?.priceSince) || '–',
    ...[latency(0.5), latency(0.95)],
  ];
}
