import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, TunesmithError } from '../errors.js';
import { type SamplerHandle, samplerAddon } from './native.js';
import {
  HIERARCHIES,
  nativeOptions,
  type PmcName,
  type SamplerOptions,
  type SamplerSettings,
  SOURCES,
  settingsFrom,
} from './options.js';
import { type Outlier, outliersIn } from './outlier.js';
import { assertProcess } from './process.js';
import { type Origin, Snapshot } from './snapshot.js';

/** Outliers taken at once, and how long to wait when there are none: the ring holds some 9,000 by default. */
const ROOM = 1024;
const POLL_MS = 10;

/**
 * Run-queue latency, time on and off the CPU, switches and counters of every task, for the price of one hook at the
 * context switch. Needs CAP_BPF and CAP_PERFMON (or root) and a kernel from 6.1 on that describes its types (BTF).
 */
export class Sampler {
  /** What was chosen: the source of the figures and the sizes as rounded. */
  readonly settings: SamplerSettings;
  /** What is really counted; on a machine without a PMU the kernel's own events instead of the PMU's. */
  readonly counted: readonly PmcName[];
  /** Why events that were asked for are not counted; empty when they are. */
  readonly pmcRefusal: string;
  private readonly origin: Origin;
  private closed = false;

  private constructor(
    private readonly handle: SamplerHandle,
    settings: SamplerSettings,
    private readonly cgroupInode: number | undefined,
  ) {
    const { source, hierarchy, keys, tasks, ringBytes, pmcs, pmcRefusal } =
      samplerAddon().samplerChoices(handle);
    this.settings = {
      ...settings,
      source: SOURCES[source] as SamplerSettings['source'],
      hierarchy: HIERARCHIES[hierarchy] as SamplerSettings['hierarchy'],
      keys,
      tasks,
      ringBytes,
    };
    this.counted = pmcs as readonly PmcName[];
    this.pmcRefusal = pmcRefusal;
    this.origin = { events: this.counted };
  }

  /**
   * Loads and attaches; some 10 ms.
   * @throws TunesmithError usage naming the option (also for a process that is not there), or incapable with `errno` and the way out when the kernel refuses.
   */
  static open(options: SamplerOptions = {}): Sampler {
    const settings = settingsFrom(options);
    for (const pid of settings.processes) assertProcess(pid);
    const addon = samplerAddon();
    try {
      const handle = addon.openSampler(nativeOptions(settings));
      return new Sampler(handle, settings, inodeOf(settings.cgroup));
    } catch (error) {
      throw explained(error);
    }
  }

  /** The account since the sampler was opened. Reads shared memory, so it takes microseconds. */
  snapshot(): Snapshot {
    this.assertOpen();
    const gone = this.cgroupInode !== undefined && inodeOf(this.settings.cgroup) !== this.cgroupInode;
    return new Snapshot(samplerAddon().takeSnapshot(this.handle), this.origin, gone);
  }

  /** What came since an earlier snapshot of this sampler. */
  delta(earlier: Snapshot): Snapshot {
    return this.snapshot().since(earlier);
  }

  /**
   * Outliers as they come, until the sampler is closed or `signal` is aborted. They wait in the kernel's ring while
   * the consumer is busy; what finds no room there is counted (`lost` of a CPU), never silently dropped.
   */
  async *events(signal?: AbortSignal): AsyncGenerator<Outlier, void, void> {
    const addon = samplerAddon();
    while (!this.closed && !signal?.aborted) {
      const batch = addon.takeOutliers(this.handle, ROOM);
      yield* outliersIn(batch, addon.samplerLayout);
      if (batch.byteLength === 0) await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Detaches and frees everything. Safe to call twice. */
  close(): void {
    this.closed = true;
    samplerAddon().closeSampler(this.handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private assertOpen(): void {
    if (this.closed)
      throw new TunesmithError('usage', 'the sampler is closed', {
        hint: 'open another with Sampler.open()',
      });
  }
}

function inodeOf(directory: string | undefined): number | undefined {
  return directory === undefined ? undefined : statSync(directory, { throwIfNoEntry: false })?.ino;
}

function explained(error: unknown): TunesmithError {
  const { reason, errno, hint } = error as { reason?: string; errno?: number; hint?: string };
  return new TunesmithError(reason === 'bad-option' ? 'usage' : 'incapable', messageOf(error), {
    ...(hint ? { hint } : {}),
    ...(errno ? { errno } : {}),
    cause: error,
  });
}
