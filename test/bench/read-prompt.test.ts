import { describe, expect, it } from 'vitest';
import { decide } from '../../src/bench/models/mind.js';
import { readPrompt } from '../../src/bench/models/read-prompt.js';
import { leastP99, p99 } from '../../src/bench/models/surface.js';
import { conversation, type HistoryPolicy } from '../../src/tuners/llm/history.js';
import { OBSERVERS } from '../../src/tuners/llm/observers.js';
import { systemPrompt } from '../../src/tuners/llm/system.js';
import { observed, twoKnobs } from '../tuners/case.js';

const context = { ...twoKnobs, cycles: 201 };
const history = Array.from({ length: 60 }, (_, i) =>
  observed(
    i,
    { latency_ns: 2e6 * 1.05 ** i, min_granularity_ns: 2e5 * 1.02 ** i },
    25e6 + Math.abs(i - 20) * 1e6,
  ),
);
const prompt = (policy: HistoryPolicy): string => {
  const told = { replies: new Map<number, string>(), changed: 0, remark: '' };
  const messages = conversation(policy, history, context, told);
  return [systemPrompt(context, history[0], OBSERVERS), ...messages.map(({ text }) => text)].join('\n');
};

describe('the scripted model', () => {
  it.each([
    [{ kind: 'full' } as const, 60],
    [{ kind: 'cap', windows: 50 } as const, 50],
    // The best, two runners-up, six windows, and the three regions that were tried.
    [{ kind: 'summary' } as const, 12],
  ])('reads what the tuner writes: %j', (policy, clues) => {
    const read = readPrompt(prompt(policy));
    expect(read).toMatchObject({
      windows: 201,
      next: 60,
      ranges: [
        { min: 2e6, max: 100e6 },
        { min: 2e5, max: 10e6 },
      ],
    });
    expect(read.clues).toHaveLength(clues);
    expect(
      read.clues.every(
        ({ place, figure }) => place.length === 2 && figure > 1e7 && place.every(Number.isFinite),
      ),
    ).toBe(true);
    expect(read.best?.figure).toBe(25e6);
    expect(read.best?.place[0]).toBeCloseTo(Math.log(1.05 ** 20) / Math.log(50), 2);
  });

  it('decides from the prompt alone, in range and near the best late on', () => {
    const late = prompt({ kind: 'summary' }).replace('window 60.', 'window 190.');
    expect(decide(late)).toEqual(decide(late));
    const { latency_ns: latency = 0, min_granularity_ns: floor = 0 } = decide(late);
    expect(floor).toBeLessThanOrEqual(latency);
    expect(Math.abs(Math.log(latency / (2e6 * 1.05 ** 20)))).toBeLessThan(0.2);
    expect(decide(late.replace(/2\d(\.\d+)? ms$/gm, '90 ms'))).not.toEqual(decide(late));
  });

  it('has a formula whose least is below its default', () => {
    expect(leastP99()).toBeLessThan(p99({ latency_ns: 12e6, min_granularity_ns: 1.5e6 }));
  });
});
