import { setTimeout as sleep } from 'node:timers/promises';
import type { Sampler } from '../telemetry/sampler.js';
import { type Look, lookAt } from './figures.js';

/** How many outliers a report keeps word for word; more are only counted. */
const KEPT = 1000;

export interface Watched {
  readonly look: Look;
  readonly outliers: { readonly seen: number; readonly first: readonly object[] };
}

/** Looks for a while, or until the signal: figures of that time, and the outliers in it. */
export async function watch(sampler: Sampler, durationMs: number, stop: AbortSignal): Promise<Watched> {
  const first: object[] = [];
  let seen = 0;
  const ended = AbortSignal.any([stop, AbortSignal.timeout(durationMs)]);
  const before = sampler.snapshot();
  if (sampler.settings.outlierNs > 0)
    for await (const outlier of sampler.events(ended)) {
      if (seen++ < KEPT) first.push(outlier.toJSON());
      // A flood of outliers would otherwise keep the timer that ends this from its turn.
      if (seen % 10_000 === 0) await sleep(0);
    }
  else await sleep(durationMs, undefined, { signal: ended }).catch(() => {});
  return { look: lookAt(sampler.delta(before)), outliers: { seen, first } };
}
