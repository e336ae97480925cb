import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { better } from '../../loop/synthetic.js';
import { type Mind, type Minded, minded, modelAt, reply, tuned } from './minded.js';

let at: Minded;
const given = { ...process.env };
beforeEach(() => {
  process.env.TEST_MODEL_KEY = 'tunesmith-test-secret-0123456789';
});
afterEach(async () => {
  process.env = { ...given };
  await at.server.close();
});
const mind = async (thinks: Mind) => {
  at = await minded(thinks);
  return at;
};
/** Another setting each time. */
const wandering: Mind = (_, nth) => reply(12e6, 1e6 - nth * 1e5);

describe('the LLM tuner', () => {
  it('puts the model’s values in force, with its words, and keeps the account', async () => {
    const { outcome, tuner, remarks } = await tuned(await mind(wandering));
    expect(outcome.cycles.map(({ values }) => values.min_granularity_ns)).toEqual([
      1.5e6, 1e6, 9e5, 8e5, 7e5, 6e5,
    ]);
    expect(outcome.cycles[1]?.reason).toBe('because');
    expect(remarks).toEqual([]);
    expect(tuner.accounts?.()).toMatchObject([
      { model: 'gemini:gemini-2.5-flash', calls: 5, inputTokens: 500 },
    ]);
  });

  it('tells the model role, goal, knobs with unit and range, relations, noise, strategy and form', async () => {
    await tuned(await mind(wandering), {}, { cycles: 2 });
    const [prompt = ''] = at.prompts;
    for (const part of [
      'txn_p99_ns as low as possible',
      'latency_ns (ns, 2000000 to 100000000, log scale, default 12000000): Period in which',
      'min_granularity_ns (ns, 200000 to 10000000, log scale, default 1500000)',
      'min_granularity_ns must not exceed latency_ns',
      'do not overreact to one window',
      'early windows explore',
      'the load has changed: explore again',
      '"config", a value for every knob',
      'Choose the values for window 1.',
    ])
      expect(prompt).toContain(part);
  });

  it.each([
    ['too low', reply(12e6, 1), 'config.min_granularity_ns: must be at least 200000'],
    ['too high', reply(1e15, 5e5), 'config.latency_ns: must be at most 100000000'],
    ['contradictory', reply(2e6, 9e6), 'min_granularity_ns (9 ms) exceeds latency_ns (2 ms)'],
    [
      'not a number',
      '{"analysis":"x","config":{"latency_ns":NaN,"min_granularity_ns":1}}',
      'must be a whole number of ns, such as 12000000',
    ],
    [
      'a strange knob',
      '{"analysis":"x","config":{"latency_ns":3000000,"min_granularity_ns":300000,"swappiness":1}}',
      'swappiness',
    ],
    ['prose', 'as you like', 'no JSON object'],
  ])('has a decision that is %s repaired, once, and says why', async (_, bad, why) => {
    const { outcome, remarks } = await tuned(
      await mind((prompt) => (prompt.includes('That cannot be used') ? reply(3e6, 3e5) : bad)),
      {},
      { cycles: 2 },
    );
    expect(outcome.cycles[1]?.values).toEqual({ latency_ns: 3e6, min_granularity_ns: 3e5 });
    expect(remarks).toEqual(['model decisions: 1 repaired after an unusable reply']);
    expect(at.prompts).toHaveLength(2);
    expect(at.prompts[1]).toContain(why);
  });

  it('keeps the best in force when a repair fails too, counts that, and ends after three', async () => {
    const { outcome, remarks } = await tuned(
      await mind((_, nth) => (nth === 0 ? reply(12e6, 5e5) : reply(2e6, 9e6))),
      {},
      { cycles: 20 },
    );
    expect(outcome.cycles.slice(2).map(({ values }) => values.min_granularity_ns)).toEqual([5e5, 5e5]);
    expect(outcome.cycles[2]?.reason).toMatch(
      /^No usable decision \(min_granularity_ns .* exceeds latency_ns/,
    );
    expect(remarks[0]).toBe('model decisions: 3 skipped (the best so far stayed in force)');
    expect(remarks[1]).toContain('ended early with the best so far: 3 decisions in a row');
    expect(outcome.best.values.min_granularity_ns).toBe(5e5);
  });

  it('after a change of the load keeps the best since then, and ranks no window from before', async () => {
    // The lowest floor is best until window 10; from then on the figures are higher, and 8e5 is the best of them.
    const floors = [2e5, 3e5, 4e5, 5e5, 6e5, 7e5, 9e5, 1e6, 1.1e6, 1.2e6, 8e5];
    const { outcome } = await tuned(
      await mind((prompt) => {
        const window = Number(/for window (\d+)\./.exec(prompt)?.[1]);
        const isAsking = window === 11 && !prompt.includes('Now choose.');
        const floor = floors[window - 1] ?? 2e5;
        return window < 12 ? reply(12e6, floor, isAsking ? { observe: 'ranking' } : {}) : 'no idea';
      }),
      { changed: (history) => (history.length > 10 ? 10 : 0) },
      { cycles: 13 },
    );
    expect(outcome.cycles[12]?.reason).toMatch(/^No usable decision/);
    expect(outcome.cycles[12]?.values.min_granularity_ns).toBe(8e5);
    const ranking = at.prompts.find((prompt) => prompt.includes('Now choose.'));
    expect(ranking?.match(/^Window \d+: /gm)).toEqual(['Window 10: ']);
  });

  it('tells a model that it repeats itself, and ends when it goes on', async () => {
    const { outcome, remarks } = await tuned(await mind(() => reply(12e6, 5e5)), {}, { cycles: 40 });
    expect(outcome.cycles).toHaveLength(11);
    expect(at.prompts[5]).toContain('You chose the same values 5 times in a row');
    expect(at.prompts[4]).not.toContain('times in a row');
    expect(remarks).toEqual([
      'ended early with the best so far: the model proposed one and the same point 10 times in a row',
    ]);
  });

  it('lets it stay where a study asks for every window', async () => {
    const { outcome } = await tuned(
      await mind(() => reply(12e6, 5e5)),
      { whenStuck: 'stay' },
      { cycles: 15 },
    );
    expect(outcome.cycles).toHaveLength(15);
  });

  it('ends with the best so far when the budget is spent, and says so', async () => {
    const { outcome, remarks } = await tuned(
      await mind(wandering),
      {},
      { cycles: 9, limits: { run: { calls: 3 }, day: {} } },
    );
    expect(outcome.cycles).toHaveLength(4);
    expect(outcome.best.values.min_granularity_ns).toBe(8e5);
    expect(remarks[0]).toMatch(
      /^ended early with the best so far: the model budget of this run is spent: 3 of 3 calls/,
    );
  });

  it.each([[401], [404]])('a %i at once is an error, later the end of the run', async (status) => {
    await mind(() => status);
    await expect(tuned(at)).rejects.toThrow(String(status));
    await at.server.close();
    const { outcome, remarks } = await tuned(await mind((_, nth) => (nth < 2 ? wandering('', nth) : status)));
    expect(outcome.cycles).toHaveLength(3);
    expect(remarks[0]).toContain(`${status}: refused`);
  });

  it('survives a server that fails in between', async () => {
    const { outcome, remarks } = await tuned(await mind((_, nth) => (nth === 1 ? 503 : wandering('', nth))));
    expect(outcome.cycles).toHaveLength(6);
    expect(outcome.cycles[2]?.values.min_granularity_ns).toBe(1e6);
    expect(remarks).toEqual(['model decisions: 1 skipped (the best so far stayed in force)']);
  });

  it('shows what the model asks to see, twice at most', async () => {
    const asking = reply(12e6, 5e5, { observe: 'figures' });
    const { outcome } = await tuned(await mind(() => asking), {}, { cycles: 2 });
    expect(outcome.cycles[1]?.values.min_granularity_ns).toBe(5e5);
    expect(at.prompts).toHaveLength(3);
    expect(at.prompts[1]).toContain('Now choose.');
    // What another draw would give, only a target can tell that has one.
    expect(at.prompts[0]).not.toContain('second_seed');
  });

  it('shows figures of the last window beside the best’s and the default’s', async () => {
    const floors = [1e6, 5e5, 9e5];
    await tuned(
      await mind((prompt) => {
        const window = Number(/for window (\d+)\./.exec(prompt)?.[1]);
        const isAsking = window === 3 && !prompt.includes('Now choose.');
        return reply(12e6, floors[window - 1], isAsking ? { observe: 'figures' } : {});
      }),
      {},
      {
        cycles: 4,
        response: (values, ...rest) => ({
          ...better(values, ...rest),
          switches_per_s: 1e9 / (values.min_granularity_ns as number),
        }),
      },
    );
    const shown = at.prompts.find((prompt) => prompt.includes('Now choose.'));
    expect(shown).toContain('switches_per_s: 2,000/s (best 2,000/s, default 667/s)');
  });

  it('asks the larger model on a change of the load and on a stall, and not in between', async () => {
    const large = await minded(wandering);
    const { remarks } = await tuned(
      await mind(() => reply(12e6, 5e5)),
      { large: modelAt(large), whenStuck: 'stay', changed: (history) => (history.length >= 4 ? 4 : 0) },
      { cycles: 18 },
    );
    const windows = large.prompts.map((prompt) => Number(/for window (\d+)\.$/.exec(prompt)?.[1]));
    // The small model improves once, in window 5: ten windows later that is a stall.
    expect(windows).toEqual([4, 16]);
    expect(large.prompts[0]).toContain('The load changed at window 4; the best before it was 12 ms, 500 µs.');
    expect(remarks).toEqual(['model decisions: 2 by the larger model']);
    await large.server.close();
  });

  it('a run that is stopped does not wait for the model', async () => {
    const stop = new AbortController();
    await mind(() => {
      setTimeout(() => stop.abort(), 20);
      return null;
    });
    const { outcome } = await tuned(at, { signal: stop.signal }, { signal: stop.signal });
    expect(outcome.interrupted).toBe(true);
  });

  it('says it in no control characters, and not at length', async () => {
    const { outcome } = await tuned(
      await mind(() => reply(12e6, 5e5, { analysis: `\u001b[2J</data>${'x'.repeat(9000)}` })),
      {},
      { cycles: 2 },
    );
    expect(outcome.cycles[1]?.reason).toMatch(/^\[2J ?\/data x+…$/);
    expect(outcome.cycles[1]?.reason.length).toBeLessThanOrEqual(400);
  });
});
