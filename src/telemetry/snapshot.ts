import { TunesmithError } from '../errors.js';
import { type CpuFigures, type KeyFigures, MEASURES, type Measure, Reader } from './figures.js';
import { Histogram } from './histogram.js';
import { type NativeSnapshot, samplerAddon } from './native.js';
import type { PmcName } from './options.js';

/** What every snapshot of one sampler has in common. */
export interface Origin {
  readonly events: readonly PmcName[];
}

interface Contents {
  readonly cpus: Reader;
  readonly keys: Reader;
  readonly cells: Uint32Array;
  readonly cpuCount: number;
  readonly keyCount: number;
}

/**
 * The account at one moment. The native half keeps it; buffers come over at the first look, and rows are read where
 * they lie, so what nobody asks for costs nothing. A key that changed hands at that very moment is left out.
 */
export class Snapshot {
  private contents: Contents | undefined;

  constructor(
    private readonly taken: NativeSnapshot,
    private readonly origin: Origin,
    /** The watched cgroup's directory is gone: nothing more will come. */
    readonly cgroupGone: boolean,
  ) {}

  /** When it was taken, CLOCK_MONOTONIC, ns. */
  get atNs(): bigint {
    return this.taken.atNs;
  }

  /** The time it covers: since the sampler was opened or, in a delta, since the earlier snapshot; ns. */
  get lastedNs(): bigint {
    return this.taken.lastedNs;
  }

  /** Events that are counted, in no order. */
  get events(): readonly PmcName[] {
    return this.origin.events;
  }

  /** How many keys have a row. */
  get length(): number {
    return this.look().keyCount;
  }

  /** The nth key, 0 ≤ n < length. */
  key(n: number): KeyFigures {
    const { keys, cells, keyCount } = this.look();
    if (!(n >= 0 && n < keyCount)) throw new RangeError(`key ${n} of ${keyCount}`);
    const start = n * (samplerAddon().samplerLayout.key.size as number);
    const figures = keys.key(start);
    return {
      ...figures,
      histogram: (measure) =>
        new Histogram(
          keys.cells(start, MEASURES.indexOf(measure), cells),
          figures.sumNs[measure],
          figures.maxNs[measure],
        ),
    };
  }

  *keys(): Generator<KeyFigures, void, void> {
    for (let n = 0; n < this.length; n++) yield this.key(n);
  }

  /** By number, every possible CPU. */
  get cpus(): CpuFigures[] {
    const { cpus, cpuCount } = this.look();
    return Array.from({ length: cpuCount }, (_, n) => cpus.cpu(n, this.lastedNs));
  }

  /** One measure over all tasks on all CPUs, whether they have a row or not. */
  overall(measure: Measure): Histogram {
    const { counts, sumNs, maxNs } = samplerAddon().snapshotOverall(
      this.taken.handle,
      MEASURES.indexOf(measure),
    );
    return new Histogram(counts, sumNs, maxNs);
  }

  /**
   * What came since an earlier snapshot of the same sampler. Keys that did nothing meanwhile are left out.
   * @throws TunesmithError (usage) when it is another sampler's or later than this one.
   */
  since(earlier: Snapshot): Snapshot {
    if (earlier.origin !== this.origin || earlier.atNs > this.atNs)
      throw new TunesmithError('usage', 'a delta needs an earlier snapshot of the same sampler');
    const taken = samplerAddon().snapshotDelta(this.taken.handle, earlier.taken.handle);
    return new Snapshot(taken, this.origin, this.cgroupGone);
  }

  private look(): Contents {
    if (this.contents) return this.contents;
    const { cpus, keys, cells } = samplerAddon().snapshotBuffers(this.taken.handle);
    const layout = samplerAddon().samplerLayout;
    this.contents = {
      cpus: new Reader(cpus, layout, this.origin.events),
      keys: new Reader(keys, layout, this.origin.events),
      cells: new Uint32Array(cells),
      cpuCount: cpus.byteLength / (layout.cpu.size as number),
      keyCount: keys.byteLength / (layout.key.size as number),
    };
    return this.contents;
  }
}
