import { expect, it } from 'vitest';
import { ModelError } from '../../src/models/failure.js';
import { jittered, type RetryPolicy, withRetry } from '../../src/models/retry.js';

const policy: RetryPolicy = { attempts: 3, firstPauseMs: 200, longestPauseMs: 300, timeoutMs: 20_000 };

/** The pauses of a call that fails at every attempt, ms. */
async function pauses(draw?: () => number, retryAfterMs?: number): Promise<number[]> {
  const at: number[] = [];
  const attempt = async (): Promise<never> => {
    at.push(performance.now());
    throw new ModelError('server', 'busy', { retryAfterMs });
  };
  await expect(withRetry('it', policy, undefined, attempt, draw)).rejects.toThrow('busy');
  return at.slice(1).map((time, i) => time - (at[i] as number));
}

it('draws each pause between nothing and its span, which doubles up to the longest', async () => {
  const spans = [1, 2, 3].map((made) => [0, 0.5, 1].map((part) => jittered(policy, made, () => part)));
  expect(spans).toEqual([
    [0, 100, 200],
    [0, 150, 300],
    [0, 150, 300],
  ]);
  // And that is how long it waits; timers are early by less than a millisecond.
  const [first, second] = await pauses(() => 0.5);
  expect(first).toBeGreaterThanOrEqual(99);
  expect(second).toBeGreaterThanOrEqual(149);
});

it('spreads the pauses of many clients unless told how to draw', async () => {
  const all = await Promise.all(Array.from({ length: 60 }, () => pauses()));
  const [first, second] = [0, 1].map((i) => all.map((one) => one[i] as number).sort((a, b) => a - b));
  // Sixty even draws from 200 and 300 ms: the quarters lie half a span apart.
  for (const [sorted, span] of [
    [first, 200],
    [second, 300],
  ] as const)
    expect((sorted?.[45] as number) - (sorted?.[15] as number)).toBeGreaterThan(span / 5);
});

it('waits longer when it is asked to', async () => {
  const [first] = await pauses(() => 0, 250);
  expect(first).toBeGreaterThanOrEqual(249);
});
