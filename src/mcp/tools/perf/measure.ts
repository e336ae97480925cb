import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { TunesmithError } from '../../../errors.js';
import { lookAt } from '../../../observe/figures.js';
import { inWindow } from '../../desk/windows.js';
import { tool } from '../../tool.js';
import { lookSchema, lookView } from './look-view.js';
import { collectInput, rowsInput, samplerOptionsOf } from './options.js';

/** How often a client that wants to know is told how far it is. */
const TELL_MS = 1000;

export const measure = tool({
  name: 'observability.perf.measure',
  title: 'Measure a window',
  description:
    'Watches every context switch for window_ms and returns run-queue latency, slices, off-CPU time and counters, ' +
    'over all tasks and by task, process or cgroup. Tells its progress and can be cancelled.',
  effect: 'observe',
  input: z.strictObject({
    window_ms: z.int().min(10).max(300_000).default(5000),
    ...collectInput,
    ...rowsInput,
  }),
  output: lookSchema,
  run: ({ window_ms, top, sort, ...what }, { signal, progress }) =>
    inWindow(samplerOptionsOf(what), async (sampler) => {
      const before = sampler.snapshot();
      const began = performance.now();
      for (let left = window_ms; left > 0; left = window_ms - (performance.now() - began)) {
        progress(Math.round(window_ms - left), window_ms, 'ms measured');
        await sleep(Math.min(left, TELL_MS), undefined, { signal }).catch(() => {});
        if (signal.aborted) throw new TunesmithError('interrupted', 'the call was cancelled');
      }
      const look = lookAt(sampler.delta(before));
      return lookView({ look, hierarchy: sampler.settings.hierarchy }, top, sort);
    }),
});
