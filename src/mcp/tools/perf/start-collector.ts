import { z } from 'zod';
import { tool } from '../../tool.js';
import { collectorSchema, collectorView } from './collector-view.js';
import { collectInput, samplerOptionsOf } from './options.js';

export const startCollector = tool({
  name: 'observability.perf.start_collector',
  title: 'Start a collector',
  description:
    'Starts collecting run-queue latency, slices, off-CPU time and counters; it ends by itself after ttl_sec. Read it ' +
    'as often as wanted with observability_perf_read_collector or the resource collector://ID.',
  effect: 'observe',
  input: z.strictObject({ ...collectInput, ttl_sec: z.int().min(1).max(3600).default(60) }),
  output: collectorSchema,
  run: ({ ttl_sec, ...what }, { caller, services }) =>
    collectorView(services.collectors.start(samplerOptionsOf(what), ttl_sec * 1000, caller)),
});
