import { expect, it } from 'vitest';
import { Turnstile } from '../../src/lab/turnstile.js';

const tick = () => new Promise((resolve) => setImmediate(resolve));

it('lets so many in at once, in the order they came', async () => {
  const turnstile = new Turnstile(2);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  const work = (index: number) => async () => {
    order.push(index);
    most = Math.max(most, ++inside);
    for (let i = 0; i <= index % 3; i++) await tick();
    inside--;
    return index;
  };
  const indices = [...Array(9).keys()];
  expect(await Promise.all(indices.map((index) => turnstile.run(work(index))))).toEqual(indices);
  expect([order, most, inside]).toEqual([indices, 2, 0]);
});

it('gets its place back from work that fails', async () => {
  const turnstile = new Turnstile(1);
  const failing = turnstile.run(() => Promise.reject(new Error('no')));
  const next = turnstile.run(async () => 'in');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('in');
  expect(await turnstile.run(async () => 'again')).toBe('again');
});
