import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Budget, parseLimits } from '../../src/models/budget.js';
import { checkModel } from '../../src/models/config.js';
import { dayBook, noBook } from '../../src/models/day-book.js';
import { ModelError } from '../../src/models/failure.js';
import { makeBudget, makeModel } from '../../src/models/index.js';
import { jsonSchemaOf } from '../../src/models/json.js';
import { costOf, priceOf } from '../../src/models/prices.js';
import { ask, GOOD, SECRET, schema } from './servers/asked.js';
import { PROTOCOLS } from './servers/protocols.js';
import { type Handler, type Server, send, serve } from './servers/serve.js';

const [gemini] = PROTOCOLS;
const given = { ...process.env };
let server: Server;

beforeEach(async () => {
  process.env.GEMINI_API_KEY = SECRET;
  process.env.XDG_STATE_HOME = mkdtempSync(join(tmpdir(), 'tunesmith-state-'));
  server = await serve((_, response) => send(response, 200, gemini.reply(GOOD)));
});
afterEach(async () => {
  rmSync(process.env.XDG_STATE_HOME as string, { recursive: true });
  process.env = { ...given };
  await server.close();
});

describe('a budget', () => {
  const model = (limits: string, more = {}) =>
    makeModel(gemini.config(server.url, more), makeBudget(parseLimits(limits)));

  it('ends calls before they can go over it', async () => {
    const asked = model('calls=2');
    await ask(asked);
    await ask(asked);
    await expect(ask(asked)).rejects.toMatchObject({
      kind: 'budget',
      message: expect.stringContaining('2 of 2 calls'),
    });
    expect(server.seen).toHaveLength(2);
  });

  it('sets aside the most a call may take, and settles what it took', async () => {
    // A call may take 1,000 tokens of output and takes 120 in all.
    const asked = model('tokens=1200');
    await ask(asked);
    await ask(asked);
    await expect(ask(asked)).rejects.toThrow('240 of 1200 tokens');
    expect(server.seen).toHaveLength(2);
  });

  it('sees calls that are under way', async () => {
    const asked = model('tokens=1500');
    const both = await Promise.allSettled([ask(asked), ask(asked)]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('of money needs a price, and counts it', async () => {
    expect(() => model('usd=1', { model: 'nobody-knows' })).toThrow(
      'no price of gemini:nobody-knows is known',
    );
    const price = { input: 1000, output: 1000, since: '2026-11-01' };
    const asked = model('usd=1.2', { model: 'nobody-knows', price });
    expect((await ask(asked)).usd).toBeCloseTo(0.12);
    await ask(asked);
    await expect(ask(asked)).rejects.toThrow('0.24 of 1.2 usd');
  });

  it('of a day holds over runs', async () => {
    await ask(model('calls/day=2'));
    await ask(model('calls/day=2'));
    await expect(ask(model('calls/day=2'))).rejects.toThrow('this day (UTC) is spent: 2 of 2 calls');
    await ask(model('calls=1'));
    await expect(ask(model('calls/day=3'))).rejects.toThrow('3 of 3');
  });

  it('counts a refused call, and its tokens not', async () => {
    await server.close();
    server = await serve((_, response) => send(response, 401, gemini.refusal(401, 'no')));
    const budget = new Budget(parseLimits('calls=5'), dayBook());
    const asked = makeModel(gemini.config(server.url), budget);
    await expect(ask(asked)).rejects.toThrow('401');
    expect(budget.spent).toEqual({ calls: 1, tokens: 0, usd: 0 });
  });

  describe('counts attempts', () => {
    /** A server that does this in place of the good one, and a model with three attempts behind a budget. */
    const behind = async (handler: Handler, limits: string, more = {}) => {
      await server.close();
      server = await serve(handler);
      const budget = makeBudget(parseLimits(limits), false, noBook);
      return { budget, asked: makeModel(gemini.config(server.url, more), budget) };
    };
    const busy: Handler = (_, response) => send(response, 503, gemini.refusal(503, 'busy'));
    /** The prompt by estimate, and the 1,000 tokens a reply may have. */
    const AT_MOST =
      1000 + Math.ceil(('You tune.what next?'.length + JSON.stringify(jsonSchemaOf(schema)).length) / 4);

    it('and does not try again beyond it', async () => {
      const { asked, budget } = await behind(busy, 'calls=1');
      await expect(ask(asked)).rejects.toMatchObject({ kind: 'budget' });
      expect(server.seen).toHaveLength(1);
      expect(budget.spent).toEqual({ calls: 1, tokens: 0, usd: 0 });
    });

    it('each that was refused as a call without tokens', async () => {
      const { asked, budget } = await behind(busy, 'calls=9');
      await expect(ask(asked)).rejects.toThrow('503');
      expect(budget.spent).toEqual({ calls: 3, tokens: 0, usd: 0 });
      expect(server.seen).toHaveLength(3);
    });

    it('one that worked with its tokens, those before it without', async () => {
      const { asked, budget } = await behind(
        (seen, response, nth) =>
          nth < 2 ? busy(seen, response, nth) : send(response, 200, gemini.reply(GOOD)),
        'calls=9',
      );
      await ask(asked);
      expect(budget.spent).toMatchObject({ calls: 3, tokens: 120 });
    });

    it.each([
      ['too late', (() => {}) as Handler],
      ['cut off', ((_, response) => response.destroy()) as Handler],
    ])('one that was %s at the most it may be billed', async (_, handler) => {
      const { asked, budget } = await behind(handler, 'calls=9', { timeout: '200ms', attempts: 2 });
      await expect(ask(asked)).rejects.toThrow(ModelError);
      expect(server.seen).toHaveLength(2);
      expect(budget.spent).toMatchObject({ calls: 2, tokens: 2 * AT_MOST });
      expect(budget.spent.usd).toBeGreaterThan((2 * 1000 * 2.5) / 1e6);
    });
  });

  it('sets aside what a program may print, and holds it to that', async () => {
    const config = (maxOutputTokens: number, script: string) =>
      checkModel(
        { provider: 'command', command: [process.execPath, '-e', script], maxOutputTokens, attempts: 1 },
        'test',
      );
    const printing = `process.stdout.write('${GOOD}')`;
    const tight = new Budget(parseLimits('tokens=500'), noBook);
    await expect(ask(makeModel(config(500, printing), tight))).rejects.toMatchObject({ kind: 'budget' });
    expect(tight.spent).toEqual({ calls: 0, tokens: 0, usd: 0 });
    await ask(makeModel(config(100, printing), tight));
    expect(tight.spent).toMatchObject({ calls: 1 });
    expect(tight.spent.tokens).toBeLessThan(100);
    const talkative = makeModel(config(64, `process.stdout.write('x'.repeat(300))`), tight);
    await expect(ask(talkative)).rejects.toThrow('longer than 256 bytes');
  });

  it('a replay is held to it as the run was that was recorded', async () => {
    const tape = (mode: string) => ({ file: join(process.env.XDG_STATE_HOME as string, 'run.tape'), mode });
    const recorder = model('calls=9', { tape: tape('record') });
    await ask(recorder, 'one');
    await ask(recorder, 'two');
    const player = model('calls=1', { tape: tape('replay') });
    await ask(player, 'one');
    await expect(ask(player, 'two')).rejects.toMatchObject({ kind: 'budget' });
    expect(server.seen).toHaveLength(2);
  });

  it.each(['cals=1', 'calls', 'calls=-1', 'calls=1.5', 'usd=x', ''])('refuses %j', (text) => {
    expect(() => parseLimits(text)).toThrow('--budget');
  });

  it('reads amounts', () => {
    expect(parseLimits('calls=200, tokens=1.5M,usd=0.5,usd/day=5,tokens/day=20k')).toEqual({
      run: { calls: 200, tokens: 1_500_000, usd: 0.5 },
      day: { usd: 5, tokens: 20_000 },
    });
  });
});

describe('prices', () => {
  const usage = { outputTokens: 190_000, thoughtTokens: 0, cachedTokens: 0, estimated: false };

  it('give the paper’s Table 4 for the paper’s tokens', () => {
    const flash = priceOf('gemini-2.5-flash', '2025-08-14');
    expect(costOf({ ...usage, inputTokens: 3_110_000 }, flash)).toBeCloseTo(1.4, 1);
    const pro = priceOf('gemini-2.5-pro', '2025-08-14');
    expect(costOf({ ...usage, outputTokens: 230_000, inputTokens: 3_380_000 }, pro)).toBeCloseTo(6.5, 1);
  });

  it('have dates', () => {
    expect(priceOf('gemini-2.5-pro', '2025-08-13')).toBeNull();
    expect(priceOf('gemini-3.8-flash', '2026-12-31')?.input).toBe(0.75);
    expect(priceOf('gemini-3.8-flash', '2027-01-01')?.input).toBe(1.5);
    expect(priceOf('unheard-of', '2027-01-01')).toBeNull();
  });

  it('are not known above the input they hold for', () => {
    const price = priceOf('gemini-3.1-pro-preview', '2026-10-01');
    expect(costOf({ ...usage, inputTokens: 200_000 }, price)).not.toBeNull();
    expect(costOf({ ...usage, inputTokens: 200_001 }, price)).toBeNull();
  });
});
