import { shownName } from './names.js';
import type { Layout } from './native.js';

/** An outlier as plain data. */
export interface OutlierData
  extends Pick<Outlier, 'latencyNs' | 'throttledNs' | 'tid' | 'tgid' | 'cpu' | 'comm' | 'waker' | 'before'> {
  readonly atNs: number;
}

/**
 * A task that could have run and did not for the threshold or longer: for want of a CPU, or held by its cgroup's quota.
 * Read where it lies: a field costs nothing until it
 * is asked for, because half a million of them may come in a second.
 */
export class Outlier {
  constructor(
    private readonly view: DataView,
    private readonly start: number,
    private readonly layout: Layout,
  ) {}

  /** When it got a CPU, CLOCK_MONOTONIC, ns. */
  get atNs(): bigint {
    return this.long('at');
  }
  /** How long it had waited for a CPU, ns. */
  get latencyNs(): number {
    return Number(this.long('latency'));
  }
  /** How long a quota had held it besides, ns. */
  get throttledNs(): number {
    return Number(this.long('throttled'));
  }
  get tid(): number {
    return this.word('tid');
  }
  get tgid(): number {
    return this.word('tgid');
  }
  get cpu(): number {
    return this.word('cpu');
  }
  get comm(): string {
    return this.name('comm');
  }
  /** Who woke it; undefined when nobody was seen to. */
  get waker(): { readonly tid: number; readonly comm: string } | undefined {
    const tid = this.word('waker');
    return tid === 0 ? undefined : { tid, comm: this.name('wakerComm') };
  }
  /**
   * Who had the CPU until then, and for how long; undefined when it was idle, and where only the quota's part made it an
   * outlier.
   */
  get before(): { readonly tid: number; readonly comm: string; readonly ranNs: number } | undefined {
    const tid = this.word('beforeTid');
    if (tid === 0) return undefined;
    return { tid, comm: this.name('beforeComm'), ranNs: Number(this.long('ran')) };
  }

  /** All of it as plain data, bigint as number. */
  toJSON(): OutlierData {
    const { latencyNs, throttledNs, tid, tgid, cpu, comm, waker, before } = this;
    return { atNs: Number(this.atNs), latencyNs, throttledNs, tid, tgid, cpu, comm, waker, before };
  }

  private place(field: string): number {
    return this.start + (this.layout.event[field] as number);
  }

  private word(field: string): number {
    return this.view.getUint32(this.place(field), true);
  }

  private long(field: string): bigint {
    return this.view.getBigUint64(this.place(field), true);
  }

  private name(field: string): string {
    return shownName(new Uint8Array(this.view.buffer, this.place(field), this.layout.comm));
  }
}

/** The outliers in a buffer of the native half. */
export function* outliersIn(buffer: ArrayBuffer, layout: Layout): Generator<Outlier, void, void> {
  const size = layout.event.size as number;
  const view = new DataView(buffer);
  for (let at = 0; at < buffer.byteLength; at += size) yield new Outlier(view, at, layout);
}
