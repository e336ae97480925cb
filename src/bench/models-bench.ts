import { TunesmithError } from '../errors.js';
import { tune } from '../loop/tune.js';
import type { Account } from '../models/account.js';
import { parseModel } from '../models/config.js';
import { noBook } from '../models/day-book.js';
import { makeBudget, makeModel } from '../models/index.js';
import { costOf, priceOf } from '../models/prices.js';
import type { HistoryPolicy } from '../tuners/llm/history.js';
import { llm } from '../tuners/llm.js';
import { scriptedServer } from './models/server.js';
import { KNOBS, leastP99, p99, SURFACE, SurfaceTarget } from './models/surface.js';
import { median, spread } from './statistics.js';
import { interval } from './study/bootstrap.js';
import { table } from './table.js';

/** The paper's runs: 200 windows, the default's first. */
const CYCLES = 201;
const POLICIES: Readonly<Record<string, HistoryPolicy>> = {
  full: { kind: 'full' },
  'cap 50': { kind: 'cap', windows: 50 },
  summary: { kind: 'summary' },
};
const PRICED = ['gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-2.5-flash-lite'] as const;
const PRICE_DAY = '2025-08-14';

/** One run of 200 decisions with one history policy. */
export interface ModelsBenchRow {
  readonly history: string;
  readonly seed: number;
  readonly inputPerCycle: number;
  readonly outputPerCycle: number;
  /** Mean over the windows of how far p99 without noise lies above the least there is, a share. */
  readonly regret: number;
  /** The same for the setting the run ends with. */
  readonly frozenRegret: number;
  /** US dollars for the run at the paper's list prices, by model. */
  readonly usd: Readonly<Record<string, number>>;
}

export interface ModelsBench {
  readonly schema: 'tunesmith.bench.models/1';
  readonly rows: readonly ModelsBenchRow[];
  readonly text: string;
}

/**
 * What histories cost and what they are worth: a scripted model behind real HTTP tunes a noisy formula with each
 * history policy, over seeds 1 to `repeats`.
 */
export async function modelsBench(repeats: number, note: (text: string) => void): Promise<ModelsBench> {
  const server = await scriptedServer();
  const rows: ModelsBenchRow[] = [];
  try {
    for (let seed = 1; seed <= repeats; seed++)
      for (const [name, policy] of Object.entries(POLICIES)) {
        rows.push(await runOne(name, policy, seed, server.url));
        note(`seed ${seed}, ${name}: ${Math.round(rows.at(-1)?.inputPerCycle ?? 0)} input tokens a cycle`);
      }
  } finally {
    await server.close();
  }
  return { schema: 'tunesmith.bench.models/1', rows, text: textOf(rows) };
}

async function runOne(
  name: string,
  history: HistoryPolicy,
  seed: number,
  baseUrl: string,
): Promise<ModelsBenchRow> {
  const config = parseModel(`openai:scripted@${baseUrl}/v1`);
  const model = makeModel(config, makeBudget({ run: {}, day: {} }, true, noBook));
  const { cycles, best } = await tune({
    ...{ target: new SurfaceTarget(seed), workload: SURFACE, knobs: KNOBS, cycles: CYCLES, seed },
    tuner: llm({ model, history, whenStuck: 'stay' }),
  });
  if (cycles.length !== CYCLES)
    throw new TunesmithError('internal', `${name}, seed ${seed}: the run ended early`);
  const least = leastP99();
  const over = (values: Readonly<Record<string, number>>) => p99(values) / least - 1;
  const decided = cycles.slice(1);
  const { account } = model;
  return {
    ...{ history: name, seed },
    inputPerCycle: account.inputTokens / decided.length,
    outputPerCycle: account.outputTokens / decided.length,
    regret: decided.reduce((sum, { values }) => sum + over(values), 0) / decided.length,
    frozenRegret: over(best.values),
    usd: Object.fromEntries(PRICED.map((priced) => [priced, cost(account, priced)])),
  };
}

function cost({ inputTokens, outputTokens }: Account, model: string): number {
  const usage = { inputTokens: 0, outputTokens, thoughtTokens: 0, cachedTokens: 0, estimated: true };
  return costOf({ ...usage, inputTokens }, priceOf(model, PRICE_DAY)) ?? Number.NaN;
}

function textOf(rows: readonly ModelsBenchRow[]): string {
  const head = ['history', 'input tokens a cycle', 'output', 'regret while tuning, %', 'frozen, %'];
  const lines = Object.keys(POLICIES).map((name) => {
    const own = rows.filter(({ history }) => history === name);
    const of = (pick: (row: ModelsBenchRow) => number, digits: number) =>
      spread(own.map(pick), digits, '').trim();
    return [
      ...[name, of((row) => row.inputPerCycle, 0), of((row) => row.outputPerCycle, 0)],
      ...[of((row) => 100 * row.regret, 2), of((row) => 100 * row.frozenRegret, 2)],
      ...PRICED.map((model) => `$${median(own.map(({ usd }) => usd[model] as number)).toFixed(2)}`),
    ];
  });
  const prices = PRICED.map((model) => model.replace('gemini-', ''));
  return [
    table([[...head, ...prices], ...lines]),
    '',
    costTable(rows),
    '',
    compared(rows),
    `200 decisions a run, a scripted model and a formula with 5 % noise; tokens by our own count, on the dear side;`,
    `dollars a run at list prices of ${PRICE_DAY}, without thoughts (the scripted model has none).`,
  ].join('\n');
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

/** What a run came to, from the usage recorded, in the layout of that table. */
function costTable(rows: readonly ModelsBenchRow[]): string {
  const decisions = CYCLES - 1;
  const lines = Object.keys(POLICIES).flatMap((history) =>
    PRICED.map((priced) => {
      const own = rows.filter((row) => row.history === history);
      const of = (pick: (row: ModelsBenchRow) => number) => median(own.map(pick));
      const usd = of((row) => row.usd[priced] as number);
      const model = priced.replace('gemini-', '');
      return [
        ...[history, model],
        ((of((row) => row.inputPerCycle) * decisions) / 1e6).toFixed(2),
        ((of((row) => row.outputPerCycle) * decisions) / 1e6).toFixed(2),
        ...[`$${usd.toFixed(2)}`, `$${(usd / decisions).toFixed(4)}`],
        ...(PAPER_RUNS[`${history} ${model}`] ?? ['–', '–', '–']),
      ];
    }),
  );
  const paper = ['paper: input', 'output', 'a run'];
  return table([['history', 'prices of', 'input, M', 'output, M', 'a run', 'a cycle', ...paper], ...lines]);
}

/** Run by run on the same seed: the summary's regret less that of the whole history, with its interval. */
function compared(rows: readonly ModelsBenchRow[]): string {
  const of = (name: string) => rows.filter(({ history }) => history === name);
  const full = of('full');
  const differences = of('summary').map(({ regret }, i) => 100 * (regret - (full[i]?.regret ?? Number.NaN)));
  const worse = differences.filter((difference) => difference > 0).length;
  const over = interval(differences);
  const range =
    over === null ? '–' : `${over.mean.toFixed(2)} (${over.low.toFixed(2)} to ${over.high.toFixed(2)})`;
  return (
    `summary − full, regret while tuning, points: mean ${range}, 95 % bootstrap over ${differences.length} seeds; ` +
    `worse on ${worse}; input bar 1,200 tokens (the paper: about 15,700 in full, 6,700 with cap 50)`
  );
}
