import { setImmediate as aTurn } from 'node:timers/promises';
import { TunesmithError } from '../../errors.js';
import type { SamplerOptions } from '../../telemetry/options.js';
import { Sampler } from '../../telemetry/sampler.js';

/** Windows measured at once over all callers: each has a sampler of its own, which costs every context switch. */
export const WINDOWS = 8;
let measured = 0;
let lastOpened: Promise<unknown> = Promise.resolve();

/**
 * Opens one after the other with a turn of the loop between: the kernel verifies the programs each time, and on a busy
 * machine several in one go would hold up whatever has a time to keep, a lease above all.
 */
function opened(options: SamplerOptions): Promise<Sampler> {
  const next = lastOpened.then(() => aTurn()).then(() => Sampler.open(options));
  lastOpened = next.catch(() => {});
  return next;
}

/**
 * Measures with a sampler that is closed when `work` ends.
 * @throws TunesmithError rejected when too many windows are being measured, incapable when the kernel refuses, usage for
 * bad options
 */
export async function inWindow<T>(
  options: SamplerOptions,
  work: (sampler: Sampler) => Promise<T>,
): Promise<T> {
  if (measured >= WINDOWS)
    throw new TunesmithError(
      'rejected',
      `${WINDOWS} windows are being measured already, and each costs every context switch`,
      { hint: 'call again when one has ended, or read a collector: observability_perf_list_collectors' },
    );
  measured++;
  try {
    using sampler = await opened(options);
    return await work(sampler);
  } finally {
    measured--;
  }
}
