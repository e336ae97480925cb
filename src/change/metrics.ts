import { readCounters, signature } from '../host/signature.js';
import { Sampler } from '../telemetry/sampler.js';
import type { Snapshot } from '../telemetry/snapshot.js';
import type { Metrics } from '../workloads/types.js';
import type { MetricsSource } from './types.js';

/** This machine's figures since the last look, for guardrails: open while it is used. */
export interface MachineMetrics extends Disposable {
  readonly source: MetricsSource;
  /** Why there are no run-queue figures; empty when there are. */
  readonly refusal: string;
}

/**
 * Run-queue latency of all tasks from the sampler, where it may be opened, and the system counters as rates and
 * shares, each since the look before. The first look covers the time since this call.
 */
export function machineMetrics(): MachineMetrics {
  let counters = readCounters();
  let sampler: Sampler | undefined;
  let refusal = '';
  try {
    sampler = Sampler.open({ by: 'nothing' });
  } catch (error) {
    refusal = error instanceof Error ? error.message : String(error);
  }
  let last = sampler?.snapshot();
  return {
    refusal,
    source: () => {
      const now = readCounters();
      const rates = signature(counters, now);
      counters = now;
      if (!sampler || !last) return rates;
      const snapshot = sampler.snapshot();
      const delta = snapshot.since(last);
      last = snapshot;
      return { ...rates, ...runqLatencies(delta) };
    },
    [Symbol.dispose]: () => sampler?.close(),
  };
}

/** Run-queue latency of all tasks over a delta, by the names of `SYSTEM_METRICS`; what was not measured is absent. */
export function runqLatencies(delta: Snapshot): Metrics {
  const histogram = delta.overall('latency');
  const named = {
    runq_latency_p50_ns: histogram.quantile(0.5),
    runq_latency_p99_ns: histogram.quantile(0.99),
    runq_latency_p999_ns: histogram.quantile(0.999),
    runq_latency_mean_ns: histogram.meanNs,
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
