import { TunesmithError } from '../errors.js';
import { tune } from '../loop/tune.js';
import type { Account } from '../models/account.js';
import { parseModel } from '../models/config.js';
import { noBook } from '../models/day-book.js';
import { makeBudget, makeModel } from '../models/index.js';
import { costOf, priceOf } from '../models/prices.js';
import type { HistoryPolicy } from '../tuners/llm/history.js';
import { llm } from '../tuners/llm.js';
import { costTable, latencyTable } from './models/paper-tables.js';
import { DECISIONS, type ModelsBenchRow, PRICE_DAY, PRICED } from './models/row.js';
import { scriptedServer } from './models/server.js';
import { KNOBS, leastP99, p99, SURFACE, SurfaceTarget } from './models/surface.js';
import { median, spread } from './statistics.js';
import { interval } from './study/bootstrap.js';
import { table } from './table.js';

/** The default's window first. */
const CYCLES = DECISIONS + 1;
const POLICIES: Readonly<Record<string, HistoryPolicy>> = {
  full: { kind: 'full' },
  'cap 50': { kind: 'cap', windows: 50 },
  summary: { kind: 'summary' },
};

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
    latenciesMs: account.latenciesMs,
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
    'Latency, as the paper’s Table 3, of the recorded requests to the scripted model on this machine:',
    '',
    latencyTable(rows),
    '',
    `Cost, as the paper’s Table 4, of the recorded usage at list prices of ${PRICE_DAY}:`,
    '',
    costTable(rows),
    '',
    compared(rows),
    `200 decisions a run, a scripted model and a formula with 5 % noise; tokens by our own count, on the dear side;`,
    'dollars without thoughts (the scripted model has none).',
  ].join('\n');
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
