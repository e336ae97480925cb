import { cpus as onlineCpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { runqLatencies } from '../../change/metrics.js';
import type { MetricsSource } from '../../change/types.js';
import { TunesmithError } from '../../errors.js';
import type { SamplerOptions } from '../../telemetry/options.js';
import { Sampler } from '../../telemetry/sampler.js';
import type { Snapshot } from '../../telemetry/snapshot.js';
import { SYSTEM_METRICS } from '../../workloads/common.js';
import type { Metric, Metrics } from '../../workloads/types.js';
import { inWindow } from './windows.js';

const NAMES = [
  'runq_latency_p50_ns',
  'runq_latency_p99_ns',
  'runq_latency_p999_ns',
  'runq_latency_mean_ns',
  'switches_per_s',
  'runq_waiting',
  'idle_share',
  'ipc',
] as const;

/** What a look at the whole machine gives, by the names that guardrails, the command line and the lab use too. */
export const SCHEDULER_METRICS: Readonly<Record<string, Metric>> = Object.fromEntries(
  NAMES.map((name) => [name, SYSTEM_METRICS[name] as Metric]),
);

/** What the paper calls them. */
const ALIASES: Readonly<Record<string, (typeof NAMES)[number]>> = {
  p50_runq_latency: 'runq_latency_p50_ns',
  p99_runq_latency: 'runq_latency_p99_ns',
  p999_runq_latency: 'runq_latency_p999_ns',
  mean_runq_latency: 'runq_latency_mean_ns',
};
export const METRIC_NAMES: readonly string[] = [...NAMES, ...Object.keys(ALIASES)];

/** The metric a name of either kind stands for. */
export const metricNamed = (name: string): string => ALIASES[name] ?? name;

/** The metrics of a delta; what was not measured is absent. */
export function metricsOf(delta: Snapshot): Metrics {
  const ns = Number(delta.lastedNs);
  const { cpus } = delta;
  const sum = (of: (cpu: (typeof cpus)[number]) => bigint): number =>
    Number(cpus.reduce((all, cpu) => all + of(cpu), 0n));
  const [cycles, instructions] = [
    sum(({ pmc }) => pmc.cycles?.value ?? 0n),
    sum(({ pmc }) => pmc.instructions?.value ?? 0n),
  ];
  const figures: Record<string, number | undefined> = {
    ...runqLatencies(delta),
    switches_per_s: sum(({ events }) => events) / (ns / 1e9),
    runq_waiting: sum(({ sumNs }) => sumNs.latency) / ns,
    // Of CPUs that are online: the others have no time to be idle in.
    idle_share: Math.min(
      1,
      Math.max(0, 1 - sum(({ ranNs }) => ranNs) / ns / Math.max(1, onlineCpus().length)),
    ),
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
export function metricsFor(options: SamplerOptions, signal?: AbortSignal): Promise<Metrics> {
  return inWindow({ ...MACHINE, ...options }, async (sampler) => {
    const before = sampler.snapshot();
    await sleep(SECOND_MS, undefined, signal ? { signal } : {}).catch(() => {
      throw new TunesmithError('interrupted', 'the call was cancelled');
    });
    return metricsOf(sampler.delta(before));
  });
}

/** The machine's metrics for whoever asks again and again: one sampler, opened at need, closed when it idles. */
export class MachineMetrics {
  private sampler: Sampler | undefined;
  private before: Snapshot | undefined;
  /** Of the last whole window; undefined until there has been one. */
  private latest: Metrics | undefined;
  /** The first window, which whoever comes during it waits for. */
  private first: Promise<void> | undefined;
  private idle: NodeJS.Timeout | undefined;

  /** Metrics of the last second or more; every reader waits for the first second. @throws TunesmithError (incapable) */
  async read(): Promise<Metrics> {
    this.open();
    if (!this.latest) await this.first;
    return this.now();
  }

  /** For guardrails. */
  source(): MetricsSource {
    return () => this.read();
  }

  close(): void {
    clearTimeout(this.idle);
    this.sampler?.close();
    this.sampler = undefined;
    this.latest = undefined;
  }

  private now(): Metrics {
    const { sampler, before } = this;
    if (!sampler || !before) throw new TunesmithError('interrupted', 'the desk was closed while it measured');
    const taken = sampler.snapshot();
    // Two readers in one second share its figures.
    if (this.latest && Number(taken.atNs - before.atNs) < 0.9 * SECOND_MS * 1e6) return this.latest;
    this.latest = metricsOf(taken.since(before));
    this.before = taken;
    return this.latest;
  }

  private open(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.close(), IDLE_MS).unref();
    if (this.sampler) return;
    this.sampler = Sampler.open(MACHINE);
    this.before = this.sampler.snapshot();
    this.latest = undefined;
    this.first = sleep(SECOND_MS);
  }
}
