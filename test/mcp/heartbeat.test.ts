import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Heartbeat } from '../../src/mcp/heartbeat.js';

it('tells of a silent call again and again, by figures that only grow', async () => {
  const told: [number, number | undefined, string][] = [];
  const heartbeat = new Heartbeat((...what) => told.push(what), 20);
  await sleep(100);
  heartbeat.progress(1, 3, 'trials');
  await sleep(100);
  heartbeat.progress(1, 3, 'trials');
  heartbeat.progress(2, 3, 'trials');
  heartbeat.stop();
  const count = told.length;
  await sleep(60);
  expect(told).toHaveLength(count);
  const figures = told.map(([progress]) => progress);
  expect(figures).toEqual([...new Set(figures)].sort((a, b) => a - b));
  const first = told.findIndex(([, , message]) => message === 'trials');
  expect(first).toBeGreaterThan(0);
  expect(told.slice(first).filter(([, , message]) => message.startsWith('trials; ')).length).toBeGreaterThan(
    0,
  );
  for (const [progress] of told.slice(first, -1)) expect(progress).toBeLessThan(2);
});
