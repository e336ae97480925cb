import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricsSource } from '../../change/types.js';
import { TunesmithError } from '../../errors.js';
import type { SamplerOptions } from '../../telemetry/options.js';
import { Sampler } from '../../telemetry/sampler.js';
import type { Snapshot } from '../../telemetry/snapshot.js';
import type { Metric, Metrics } from '../../workloads/types.js';

const runq = (what: string): Metric => ({
  unit: 'ns',
  direction: 'lower',
  meaning: `${what} of the time tasks waited on a run queue before they ran, all tasks on all CPUs, last second`,
});

/** What a look at the whole machine gives, by metric name. */
export const SCHEDULER_METRICS: Readonly<Record<string, Metric>> = {
  p50_runq_latency: runq('median'),
  p99_runq_latency: runq('99th percentile'),
  p999_runq_latency: runq('99.9th percentile'),
  mean_runq_latency: runq('mean'),
  switches: { unit: 'per_s', direction: 'none', meaning: 'context switches, all CPUs, last second' },
  busy: {
    unit: 'count',
    direction: 'none',
    meaning: 'CPUs that were running something, mean of the last second',
  },
  waiting: {
    unit: 'count',
    direction: 'lower',
    meaning: 'tasks that waited for a CPU, mean of the last second',
  },
  ipc: { unit: 'ratio', direction: 'higher', meaning: 'instructions per cycle, all CPUs; needs a PMU' },
};

/** The metrics of a delta; what was not measured is absent. */
export function metricsOf(delta: Snapshot): Metrics {
  const seconds = Number(delta.lastedNs) / 1e9;
  const latency = delta.overall('latency');
  const cpus = delta.cpus;
  const sum = (of: (cpu: (typeof cpus)[number]) => bigint): number =>
    Number(cpus.reduce((all, cpu) => all + of(cpu), 0n));
  const [cycles, instructions] = [
    sum(({ pmc }) => pmc.cycles?.value ?? 0n),
    sum(({ pmc }) => pmc.instructions?.value ?? 0n),
  ];
  const figures: Record<string, number | undefined> = {
    p50_runq_latency: latency.quantile(0.5),
    p99_runq_latency: latency.quantile(0.99),
    p999_runq_latency: latency.quantile(0.999),
    mean_runq_latency: latency.meanNs,
    switches: sum(({ events }) => events) / seconds,
    busy: sum(({ sumNs }) => sumNs.slice) / 1e9 / seconds,
    waiting: sum(({ sumNs }) => sumNs.latency) / 1e9 / seconds,
    ipc: cycles > 0 && instructions > 0 ? instructions / cycles : undefined,
  };
  return Object.fromEntries(
    Object.entries(figures).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
}

const MACHINE: SamplerOptions = { by: 'nothing', pmc: ['cycles', 'instructions'] };
const SECOND_MS = 1000;
/** A sampler nobody has read for so long is closed. */
const IDLE_MS = 10_000;

/** One second of a cgroup or of the machine, by a sampler of its own. @throws TunesmithError (incapable) */
export async function metricsFor(options: SamplerOptions, signal?: AbortSignal): Promise<Metrics> {
  using sampler = Sampler.open({ ...MACHINE, ...options });
  const before = sampler.snapshot();
  await sleep(SECOND_MS, undefined, signal ? { signal } : {}).catch(() => {
    throw new TunesmithError('interrupted', 'the call was cancelled');
  });
  return metricsOf(sampler.delta(before));
}

/** The machine's metrics for whoever asks again and again: one sampler, opened at need, closed when it idles. */
export class MachineMetrics {
  private sampler: Sampler | undefined;
  private before: Snapshot | undefined;
  private latest: Metrics = {};
  private idle: NodeJS.Timeout | undefined;

  /** Metrics of the last second or more; waits for the first second. @throws TunesmithError (incapable) */
  async read(): Promise<Metrics> {
    if (this.open()) await sleep(SECOND_MS);
    return this.now();
  }

  /** For guardrails. Warm it with `read` first, or the first figures are of no time at all. */
  source(): MetricsSource {
    return () => {
      this.open();
      return this.now();
    };
  }

  close(): void {
    clearTimeout(this.idle);
    this.sampler?.close();
    this.sampler = undefined;
  }

  private now(): Metrics {
    const { sampler, before } = this;
    if (!sampler || !before) return {};
    const taken = sampler.snapshot();
    // Two readers in one second share its figures.
    if (Number(taken.atNs - before.atNs) < 0.9 * SECOND_MS * 1e6) return this.latest;
    this.latest = metricsOf(taken.since(before));
    this.before = taken;
    return this.latest;
  }

  /** Whether it was opened just now. */
  private open(): boolean {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.close(), IDLE_MS).unref();
    if (this.sampler) return false;
    this.sampler = Sampler.open(MACHINE);
    this.before = this.sampler.snapshot();
    this.latest = {};
    return true;
  }
}
