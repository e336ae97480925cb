import { normalDraw } from '../bayesian/normal.js';
import { prng } from '../prng.js';

/**
 * Whose time it is. A lab's window takes as long on its clock as it says, and how long a decision takes is counted
 * there too, so that speculation in a study does not depend on the machine the study runs on.
 */
export interface Clock {
  /** Time at the start of window `window`, s. */
  at(window: number): number;
  /**
   * In virtual time, how long the n-th decision (from 0) takes, s, given how long the models asked for it took;
   * null in real time.
   */
  readonly thinks: ((nth: number, tookS: number) => number) | null;
}

/** Percentiles of a model's latency, s. */
export interface LatencyProfile {
  readonly p50: number;
  readonly p95: number;
}

/** LumOS paper, Table 3: 200 requests each, network included. */
export const PAPER_LATENCIES = {
  'gemini-2.5-pro': { p50: 18.63, p95: 61.9 },
  'gemini-2.5-flash': { p50: 13.76, p95: 32 },
  'gemini-2.5-flash-lite': { p50: 1.25, p95: 4.52 },
} as const satisfies Record<string, LatencyProfile>;

const Z95 = 1.6449;

/** The lognormal latency with these two percentiles, s: `draw` is even in [0, 1). */
export function latencyAt({ p50, p95 }: LatencyProfile, draw: () => number): number {
  return p50 * Math.exp((Math.log(p95 / p50) / Z95) * normalDraw(draw));
}

/** Virtual time: windows of `windowS`; latencies drawn by seed from a profile, or those of the models themselves. */
export const virtualClock = (windowS: number, profile?: LatencyProfile, seed = 1): Clock => ({
  at: (window) => window * windowS,
  thinks: (nth, tookS) => (profile ? latencyAt(profile, prng(seed, nth)) : tookS),
});

/** This machine's time. */
export function realClock(): Clock {
  const started = performance.now();
  return { at: () => (performance.now() - started) / 1000, thinks: null };
}
