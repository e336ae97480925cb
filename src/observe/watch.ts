import { setTimeout as sleep } from 'node:timers/promises';
import type { OutlierData } from '../telemetry/outlier.js';
import type { Sampler } from '../telemetry/sampler.js';
import { type Look, lookAt, type PathOf } from './figures.js';
import { isNamed } from './view.js';

/** How many outliers a report keeps word for word; more are only counted. */
const KEPT = 1000;

export interface Watched {
  readonly look: Look;
  readonly outliers: { readonly seen: number; readonly first: readonly OutlierData[] };
}

export interface WatchOptions {
  /** Length of a window; undefined: one window of the whole time. */
  readonly intervalMs: number | undefined;
  /** The whole time; undefined: until the signal. */
  readonly durationMs: number | undefined;
  readonly pathOf: PathOf | undefined;
  /** Only rows and outliers of this name. */
  readonly name: RegExp | undefined;
}

/**
 * Looks for a while, or until the signal, and gives one window after the other without a gap: its figures, and the
 * outliers in it. The signal ends the window that is under way, which is given too.
 */
export async function* watch(
  sampler: Sampler,
  { intervalMs, durationMs, pathOf, name }: WatchOptions,
  stop: AbortSignal,
): AsyncGenerator<Watched, void, void> {
  const began = performance.now();
  let before = sampler.snapshot();
  for (let n = 1; ; n++) {
    // Against the beginning, so that what a window takes to print does not add up.
    const end = Math.min(
      durationMs ?? Number.POSITIVE_INFINITY,
      n * (intervalMs ?? Number.POSITIVE_INFINITY),
    );
    const outliers = await untilThen(sampler, began + end, name, stop);
    const now = sampler.snapshot();
    const look = lookAt(now.since(before), pathOf);
    before = now;
    yield { look: { ...look, keys: look.keys.filter((row) => isNamed(row, name)) }, outliers };
    if (stop.aborted || (durationMs !== undefined && end >= durationMs)) return;
  }
}

/** Waits until a moment (performance.now) or the signal; outliers that came meanwhile. */
async function untilThen(
  sampler: Sampler,
  moment: number,
  name: RegExp | undefined,
  stop: AbortSignal,
): Promise<Watched['outliers']> {
  const first: OutlierData[] = [];
  let seen = 0;
  // Not AbortSignal.any with a timeout: Node 20 may collect such a timeout before it fires.
  const over = new AbortController();
  const end = () => over.abort();
  const left = Math.max(0, moment - performance.now());
  const timer = Number.isFinite(left) ? setTimeout(end, Math.ceil(left)) : undefined;
  stop.addEventListener('abort', end);
  if (stop.aborted) end();
  try {
    if (sampler.settings.outlierNs > 0)
      for await (const outlier of sampler.events(over.signal)) {
        if (!isNamed(outlier, name)) continue;
        if (seen++ < KEPT) first.push(outlier.toJSON());
        // A flood of outliers would otherwise keep the timer that ends this from its turn.
        if (seen % 10_000 === 0) await sleep(0);
      }
    else if (!over.signal.aborted)
      await new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve()));
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', end);
  }
  return { seen, first };
}
