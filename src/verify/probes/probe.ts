import type { Metrics } from '../../workloads/types.js';

/** A limit on one figure of a probe's window. */
export interface Rail {
  /** `trial/…` */
  readonly rule: string;
  readonly metric: string;
  /**
   * The most the figure may be, given the same figure of the kernel's own scheduler; `atLeast` the least. A figure
   * that the window did not yield is not judged.
   */
  readonly atMost?: (own: number) => number;
  readonly atLeast?: (own: number) => number;
  readonly why: string;
  readonly hint: string;
  /** For what a policy does not claim: a breach is only told. */
  readonly onlyIf?: 'weighted';
}

/** A load that breaks what only looks right. */
export interface Probe {
  readonly name: string;
  readonly about: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly cpus: number;
  readonly windowNs: number;
  /** In a guest of its own: it may end a sound policy. */
  readonly alone?: true;
  /** So many windows, the policy taken away and brought back for each. */
  readonly reloads?: number;
  readonly rails: readonly Rail[];
  /** The kernel’s own code may hang under this load: so many seeds are tried, and a hang is told and rejects nothing. */
  readonly mayHang?: { readonly seeds: number; readonly limitMs: number };
  /** Event counters that rise under this load whatever the policy is. */
  readonly innocent?: readonly string[];
}

/** A rail that a window breaks, in words. */
export interface Breach {
  readonly rail: Rail;
  readonly message: string;
}

const text = (metric: string, value: number): string =>
  metric.endsWith('_ns') ? `${(value / 1e6).toFixed(1)} ms` : String(Number(value.toPrecision(3)));

/** Which rails a window breaks; `own` are the figures of the kernel's own scheduler. */
export function breaches(probe: Probe, figures: Metrics, own: Metrics): Breach[] {
  return probe.rails.flatMap((rail) => {
    const [figure, reference] = [figures[rail.metric], own[rail.metric]];
    if (figure === undefined || reference === undefined) return [];
    const most = rail.atMost?.(reference) ?? Number.POSITIVE_INFINITY;
    const least = rail.atLeast?.(reference) ?? Number.NEGATIVE_INFINITY;
    if (figure <= most && figure >= least) return [];
    const side = figure > most ? `above ${text(rail.metric, most)}` : `below ${text(rail.metric, least)}`;
    const words = `${rail.metric} is ${text(rail.metric, figure)}, ${side}`;
    const message = `${probe.name}: ${words} (the kernel’s own: ${text(rail.metric, reference)}); ${rail.why}`;
    return [{ rail, message }];
  });
}
