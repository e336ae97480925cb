import type { CpuFigures, KeyFigures, Measure } from '../telemetry/figures.js';
import type { Histogram } from '../telemetry/histogram.js';
import type { Snapshot } from '../telemetry/snapshot.js';

/** Percentiles of one measure; times in ns, null where nothing was measured. */
export interface Percentiles {
  readonly count: number;
  readonly meanNs: number | null;
  readonly p50Ns: number | null;
  readonly p99Ns: number | null;
  readonly p999Ns: number | null;
  /** Since the sampler was opened. */
  readonly maxNs: number;
}

/** One task, process or cgroup over the time that is looked at. */
export interface KeyRow {
  /** In our PID namespace; 0: not in it. A cgroup's row has those of a task in it. */
  readonly tid: number;
  readonly tgid: number;
  readonly cgroup: number;
  /** The cgroup's path, in rows of cgroups; null when it is not known. */
  readonly path?: string | null;
  readonly comm: string;
  readonly exited: boolean;
  readonly latency: Percentiles;
  readonly slice: Percentiles;
  /** CPUs it used and CPUs it waited for, means over the time (1: one CPU's worth). */
  readonly running: number;
  readonly waiting: number;
  /** CPUs it could not use because its cgroup's quota held it; not in `waiting`. */
  readonly throttled: number;
  readonly throttlesPerS: number;
  readonly voluntaryPerS: number;
  readonly involuntaryPerS: number;
  readonly migrationsPerS: number;
  /** Absent without a PMU. */
  readonly ipc?: number;
  readonly pmc: Readonly<Record<string, { readonly value: number; readonly scaled: boolean }>>;
}

export interface CpuRow {
  readonly cpu: number;
  readonly switchesPerS: number;
  /** Share of the time somebody ran, whoever is looked at. */
  readonly busy: number;
  /** Tasks that are looked at and waited for this CPU or were held by a quota, means over the time. */
  readonly waiting: number;
  readonly throttled: number;
  /** The sampler's own cost: ns a switch, and share of this CPU's time; null while none was timed. */
  readonly eventNs: number | null;
  readonly ownShare: number | null;
}

/** What a look at a machine came to. */
export interface Look {
  readonly lastedNs: number;
  readonly overall: Readonly<Record<Measure, Percentiles>>;
  readonly latencySteps: readonly (readonly [fromNs: number, toNs: number, count: number])[];
  readonly cpus: readonly CpuRow[];
  readonly keys: readonly KeyRow[];
  /** What is not in these figures, and why. */
  readonly left: {
    readonly skipped: number;
    readonly rowless: number;
    readonly evicted: number;
    readonly forgotten: number;
    readonly lost: number;
    readonly shedding: boolean;
  };
  readonly cgroupGone: boolean;
}

function percentilesOf(histogram: Histogram): Percentiles {
  const at = (share: number): number | null => histogram.quantile(share) ?? null;
  return {
    count: histogram.count,
    meanNs: histogram.meanNs ?? null,
    p50Ns: at(0.5),
    p99Ns: at(0.99),
    p999Ns: at(0.999),
    maxNs: Number(histogram.maxNs),
  };
}

/** Names of cgroups by number; null for one that is not known. */
export type PathOf = (cgroup: number) => string | null;

function keyRow(key: KeyFigures, seconds: number, pathOf?: PathOf): KeyRow {
  const per = (count: bigint): number => Number(count) / seconds;
  const counters = Object.entries(key.pmc).map(
    ([name, { value, scaled }]) => [name, { value: Number(value), scaled }] as const,
  );
  return {
    tid: key.tid,
    tgid: key.tgid,
    cgroup: Number(key.cgroup),
    ...(pathOf ? { path: pathOf(Number(key.cgroup)) } : {}),
    comm: key.comm,
    exited: key.exited,
    latency: percentilesOf(key.histogram('latency')),
    slice: percentilesOf(key.histogram('slice')),
    running: per(key.ranNs) / 1e9,
    waiting: per(key.sumNs.latency) / 1e9,
    throttled: per(key.throttledNs) / 1e9,
    throttlesPerS: per(key.throttles),
    voluntaryPerS: per(key.voluntary),
    involuntaryPerS: per(key.involuntary),
    migrationsPerS: per(key.migrations),
    ...(key.ipc === undefined ? {} : { ipc: key.ipc }),
    pmc: Object.fromEntries(counters),
  };
}

const cpuRow = (cpu: CpuFigures, seconds: number): CpuRow => ({
  cpu: cpu.cpu,
  switchesPerS: Number(cpu.events) / seconds,
  busy: Math.min(1, Number(cpu.ranNs) / 1e9 / seconds),
  waiting: Number(cpu.sumNs.latency) / 1e9 / seconds,
  throttled: Number(cpu.throttledNs) / 1e9 / seconds,
  eventNs: cpu.eventNs ?? null,
  ownShare: cpu.ownShare ?? null,
});

/** The figures of a delta; CPUs on which nothing happened are left out. `pathOf` names the rows of cgroups. */
export function lookAt(delta: Snapshot, pathOf?: PathOf): Look {
  const seconds = Number(delta.lastedNs) / 1e9;
  const cpus = delta.cpus;
  const latency = delta.overall('latency');
  const sum = (of: (cpu: CpuFigures) => bigint): number =>
    Number(cpus.reduce((all, cpu) => all + of(cpu), 0n));
  return {
    lastedNs: Number(delta.lastedNs),
    overall: {
      latency: percentilesOf(latency),
      slice: percentilesOf(delta.overall('slice')),
      offCpu: percentilesOf(delta.overall('offCpu')),
    },
    latencySteps: [...latency.steps()].map(({ fromNs, toNs, count }) => [fromNs, toNs, count]),
    cpus: cpus.filter(({ events, ranNs }) => events > 0n || ranNs > 0n).map((cpu) => cpuRow(cpu, seconds)),
    keys: [...delta.keys()].map((key) => keyRow(key, seconds, pathOf)),
    left: {
      skipped: sum(({ skipped }) => skipped),
      rowless: sum(({ rowless }) => rowless),
      evicted: sum(({ evicted }) => evicted),
      forgotten: sum(({ forgotten }) => forgotten),
      lost: sum(({ lost }) => lost),
      shedding: cpus.some(({ shed }) => shed.pmc || shed.rows || shed.every > 1),
    },
    cgroupGone: delta.cgroupGone,
  };
}
