import type { Histogram } from './histogram.js';
import { shownName } from './names.js';
import type { Layout } from './native.js';
import type { PmcName } from './options.js';

/**
 * What is measured of every on-CPU interval of a task: how long it had waited for a CPU (without the time for which its
 * cgroup's quota held it), how long the interval was, how long it had been away (all waiting included).
 */
export type Measure = 'latency' | 'slice' | 'offCpu';
export const MEASURES: readonly Measure[] = ['latency', 'slice', 'offCpu'];

/** A counter of the PMU or the kernel. */
export interface Counter {
  /** Scaled up to the whole time when the counter had to share the PMU. */
  readonly value: bigint;
  /** Whether `value` is such an estimate. */
  readonly scaled: boolean;
  /** The part of the time it was counting, 0 to 1. */
  readonly share: number;
}

/** Sums since the sampler was opened or, in a delta, since the earlier snapshot. */
export interface Counts {
  readonly voluntary: bigint;
  readonly involuntary: bigint;
  readonly wakeups: bigint;
  readonly migrations: bigint;
  /** Waits in which a cgroup's quota (`cpu.max`, `cpu.cfs_quota_us`) held the task, and for how long in all, ns. */
  readonly throttles: bigint;
  readonly throttledNs: bigint;
  /** On a CPU, ns. Unlike `sumNs.slice` it has intervals that are under way too, and counts nothing ahead. */
  readonly ranNs: bigint;
  /** ns. */
  readonly sumNs: Readonly<Record<Measure, bigint>>;
  /** The largest since the sampler was opened, in a delta too, ns. */
  readonly maxNs: Readonly<Record<Measure, bigint>>;
  /** By event; what was not counted is absent. */
  readonly pmc: Readonly<Partial<Record<PmcName, Counter>>>;
  /** Instructions a cycle; absent where they were not both counted. */
  readonly ipc: number | undefined;
}

/** One task's, process's or cgroup's row. */
export interface KeyFigures extends Counts {
  /** The same in every snapshot, and never another's: numbers of tasks are reused, this is not. */
  readonly id: bigint;
  /**
   * Of the task or process (its first thread), in our PID namespace; 0: it is not in there. A cgroup's row has those of
   * the task that was met first.
   */
  readonly tid: number;
  readonly tgid: number;
  /** id of the cgroup (the directory's inode number); of a task or process the one it was in when it was met. */
  readonly cgroup: bigint;
  /** Its present name, a cgroup's the one of the task that was met first; unprintable bytes as `\xNN`. */
  readonly comm: string;
  /** The task is gone. */
  readonly exited: boolean;
  histogram(measure: Measure): Histogram;
}

/**
 * One CPU's sums, and the sampler's own account there. `events` and `ranNs` count every task, the rest those that are
 * looked at.
 */
export interface CpuFigures extends Counts {
  readonly cpu: number;
  /** Switches seen. */
  readonly events: bigint;
  /** Stays measured. */
  readonly booked: bigint;
  /** Stays left out by `sampleEvery` or to keep to the budget. */
  readonly skipped: bigint;
  /** Measured, but not in a key's row. */
  readonly rowless: bigint;
  /** Rows taken from keys that still lived. */
  readonly evicted: bigint;
  /** Rows taken from tasks that had exited. */
  readonly retired: bigint;
  /** Live tasks there was no room to follow: their next stay is not measured. */
  readonly forgotten: bigint;
  /** A row's cell passed 2^32. */
  readonly wrapped: bigint;
  /** Outliers the ring had no room for. */
  readonly lost: bigint;
  /** Mean cost of a switch to the sampler, ns, from one in 256; undefined while none was timed. */
  readonly eventNs: number | undefined;
  /** The sampler's share of this CPU's time, 0 to 1; likewise. */
  readonly ownShare: number | undefined;
  /** What it leaves out at present to keep to its budget. */
  readonly shed: Shed;
}

export interface Shed {
  readonly pmc: boolean;
  readonly rows: boolean;
  /** Besides `sampleEvery`: measures one stay in so many. */
  readonly every: number;
}

/** bpf/sampler.h: 0 nothing, 1 no counters, 2 no rows either, N + 2 one stay in 2^N as well. */
const shedAt = (level: number): Shed => ({
  pmc: level >= 1,
  rows: level >= 2,
  every: 2 ** Math.max(0, level - 2),
});

/** Reads one CPU's or key's structure from a buffer; `start` in bytes. */
export class Reader {
  private readonly view: DataView;

  constructor(
    buffer: ArrayBuffer,
    private readonly layout: Layout,
    private readonly events: readonly PmcName[],
  ) {
    this.view = new DataView(buffer);
  }

  counts(start: number, places: Layout['key']): Counts {
    const at = start + (places.counters as number);
    const counter = (name: string) => this.long(at + (this.layout.counters[name] as number));
    const measures = (field: string) =>
      Object.fromEntries(
        MEASURES.map((measure, i) => [measure, this.long(start + (places[field] as number) + i * 8)]),
      ) as Record<Measure, bigint>;
    const pmc = this.pmc(at + (this.layout.counters.pmc as number));
    const { cycles, instructions } = pmc;
    return {
      voluntary: counter('voluntary'),
      involuntary: counter('involuntary'),
      wakeups: counter('wakeups'),
      migrations: counter('migrations'),
      throttles: counter('throttles'),
      throttledNs: counter('throttledNs'),
      ranNs: this.long(start + (places.ran as number)),
      sumNs: measures('sum'),
      maxNs: measures('max'),
      pmc,
      ipc:
        cycles && instructions && cycles.value > 0n
          ? Number(instructions.value) / Number(cycles.value)
          : undefined,
    };
  }

  key(start: number): Omit<KeyFigures, 'histogram'> {
    const { key } = this.layout;
    const at = (field: string) => start + (key[field] as number);
    return {
      ...this.counts(start, key),
      id: this.long(at('key')),
      tid: this.word(at('tid')),
      tgid: this.word(at('tgid')),
      cgroup: this.long(at('cgroup')),
      comm: shownName(new Uint8Array(this.view.buffer, at('comm'), this.layout.comm)),
      exited: this.word(at('exited')) !== 0,
    };
  }

  /** `lastedNs`: the time the sums cover. */
  cpu(number: number, lastedNs: bigint): CpuFigures {
    const { cpu } = this.layout;
    const start = number * (cpu.size as number);
    const long = (field: string) => this.long(start + (cpu[field] as number));
    const timed = Number(long('timed'));
    const eventNs = timed > 0 ? Number(long('timedNs')) / timed : undefined;
    const events = long('events');
    return {
      ...this.counts(start, cpu),
      cpu: number,
      events,
      booked: long('booked'),
      skipped: long('skipped'),
      rowless: long('rowless'),
      evicted: long('evicted'),
      retired: long('retired'),
      forgotten: long('forgotten'),
      wrapped: long('wrapped'),
      lost: long('lost'),
      eventNs,
      ownShare:
        eventNs === undefined || lastedNs === 0n ? undefined : (eventNs * Number(events)) / Number(lastedNs),
      shed: shedAt(Number(long('shed'))),
    };
  }

  /** A key's histogram: the octaves named in `groups` have their cells one after the other, measure by measure. */
  cells(start: number, measure: number, cells: Uint32Array): Float64Array<ArrayBuffer> {
    const { key, steps } = this.layout;
    const groups = (m: number) => this.word(start + (key.groups as number) + m * 4);
    let from = this.word(start + (key.at as number));
    for (let m = 0; m < measure; m++) from += steps * ones(groups(m));
    const out = new Float64Array(this.layout.cells);
    for (let group = 0; group * steps < out.length; group++) {
      if (((groups(measure) >>> group) & 1) === 0) continue;
      out.set(cells.subarray(from, from + steps), group * steps);
      from += steps;
    }
    return out;
  }

  private pmc(start: number): Partial<Record<PmcName, Counter>> {
    const out: Partial<Record<PmcName, Counter>> = {};
    for (const [i, name] of this.events.entries()) {
      const [value, enabled, running] = [0, 8, 16].map((at) => this.long(start + i * 24 + at)) as [
        bigint,
        bigint,
        bigint,
      ];
      if (running === 0n) continue;
      const scaled = running < enabled;
      out[name] = {
        value: scaled ? (value * enabled) / running : value,
        scaled,
        share: Number(running) / Number(enabled),
      };
    }
    return out;
  }

  private word(at: number): number {
    return this.view.getUint32(at, true);
  }

  private long(at: number): bigint {
    return this.view.getBigUint64(at, true);
  }
}

function ones(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count++;
  return count;
}
