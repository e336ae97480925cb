import { loadAddon } from '../native.js';

/** Places in bytes, by field name; `size` is the whole. */
type Places = Readonly<Record<string, number>>;

/** What lies where in the buffers (native/addon/sampler_layout.cc). */
export interface Layout {
  readonly steps: number;
  readonly cells: number;
  readonly unitBits: number;
  readonly comm: number;
  readonly pmcs: number;
  readonly counters: Places;
  readonly key: Places;
  readonly cpu: Places;
  readonly event: Places;
}

declare const samplerTag: unique symbol;
declare const snapshotTag: unique symbol;
/** A loaded and attached sampler of the native half. */
export interface SamplerHandle {
  readonly [samplerTag]: true;
}
/** A snapshot that the native half keeps; freed with this object. */
export interface SnapshotHandle {
  readonly [snapshotTag]: true;
}

export interface NativeOptions {
  readonly by: number;
  readonly source: number;
  readonly hierarchy: number;
  readonly keys: number;
  readonly tasks: number;
  readonly sampleEvery: number;
  readonly budget: number;
  readonly outlierNs: number;
  readonly ringBytes: number;
  readonly processes: readonly number[];
  readonly cpus: readonly number[];
  readonly cgroup: string;
  readonly pmcs: readonly string[];
}

export interface NativeSnapshot {
  readonly handle: SnapshotHandle;
  readonly atNs: bigint;
  readonly lastedNs: bigint;
}

export interface NativeChoices {
  readonly source: number;
  readonly hierarchy: number;
  readonly keys: number;
  readonly tasks: number;
  readonly ringBytes: number;
  readonly pmcs: readonly string[];
  readonly pmcRefusal: string;
}

/** The addon's part of the sampler, as native/addon/sampler.cc exports it. Every call is synchronous. */
export interface SamplerAddon {
  openSampler(options: NativeOptions): SamplerHandle;
  samplerChoices(sampler: SamplerHandle): NativeChoices;
  takeSnapshot(sampler: SamplerHandle): NativeSnapshot;
  takeOutliers(sampler: SamplerHandle, room: number): ArrayBuffer;
  closeSampler(sampler: SamplerHandle): void;
  snapshotDelta(now: SnapshotHandle, before: SnapshotHandle): NativeSnapshot;
  snapshotBuffers(snapshot: SnapshotHandle): {
    readonly cpus: ArrayBuffer;
    readonly keys: ArrayBuffer;
    readonly cells: ArrayBuffer;
  };
  snapshotOverall(
    snapshot: SnapshotHandle,
    measure: number,
  ): { readonly counts: Float64Array; readonly sumNs: bigint; readonly maxNs: bigint };
  readonly samplerLayout: Layout;
}

let loaded: SamplerAddon | undefined;

/** @throws TunesmithError (incapable) when the addon is not built. */
export function samplerAddon(): SamplerAddon {
  loaded ??= loadAddon<SamplerAddon>();
  return loaded;
}
