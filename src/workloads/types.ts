/** Which way a metric is better. `none`: it explains, nobody optimises it. */
export type Direction = 'lower' | 'higher' | 'none';

/** Units are few on purpose: `share` is 0..1, `per_s` is a rate, `count` is plain. */
export type MetricUnit = 'ns' | 'per_s' | 'share' | 'count' | 'ratio';

export interface Metric {
  readonly unit: MetricUnit;
  readonly direction: Direction;
  readonly meaning: string;
  /** A figure and the next one it can be are so far apart, a share; left out where any figure can be. */
  readonly resolution?: number;
}

/** A load parameter a user may set: `--param workers=8`. */
export interface Parameter {
  readonly unit: 'ns' | 'count' | 'per_s' | 'us';
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly meaning: string;
}

/** A measured limit, against an absolute bound or against the default's own value. */
export interface Guardrail {
  readonly metric: string;
  readonly rule: 'at most' | 'at least' | 'at most × default' | 'at least × default';
  readonly value: number;
  readonly why: string;
}

/** A load with its metrics, objective, SLO and guardrails. */
export interface Workload {
  readonly name: string;
  readonly summary: string;
  /** `builtin` runs inside the agent; `command` needs `packages` and runs `files` from them. */
  readonly kind: 'builtin' | 'command';
  /** It takes CPUs away or starves everybody: nothing for a machine that somebody uses. */
  readonly labOnly?: true;
  readonly packages: readonly string[];
  /** Programs copied into the image with their shared-library closure. */
  readonly files: readonly string[];
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** Guest memory it needs, MiB. */
  readonly memoryMib: number;
  /** Virtual time run before each measured window and not counted, ns. */
  readonly warmupNs: number;
  /** False: nothing in it is random, so all seeds give the same figures. */
  readonly seeded?: false;
  /** The window a trial measures unless told otherwise, ns. */
  readonly windowNs: number;
  /**
   * How many windows a search and the referee measure and average in the lab, 1 unless said: a search measures many
   * settings and may err on one of them, the referee measures few and its figures are published.
   */
  readonly windows?: { readonly search: number; readonly referee: number };
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly objective: string;
  readonly slo: readonly Guardrail[];
  readonly guardrails: readonly Guardrail[];
}

/** Every figure of one window, by metric name. A metric that could not be had is absent, never 0. */
export type Metrics = Readonly<Record<string, number>>;

/** A latency distribution: `[upper bound in ns, count]` rows, ascending, no empty rows. */
export type Distribution = readonly (readonly [number, number])[];

/** What one measured window came to. */
export interface Measurement {
  readonly metrics: Metrics;
  /** Distributions by metric family (`wakeup`, `request`, `txn`). */
  readonly distributions: Readonly<Record<string, Distribution>>;
  /** The knobs in force, read back from the kernel after the window. */
  readonly knobs: Readonly<Record<string, number>>;
  /** Window length as measured on the target's clock, ns; 0 where the workload died in it. */
  readonly windowNs: number;
  /** Hashes of what was in force (`inForceHash`) at the window's first and its last instant. */
  readonly inForce?: { readonly first: string; readonly last: string } | undefined;
  /** Why it has no figures, where that is known; `metrics` and `distributions` are empty then. */
  readonly noFigure?: NoFigure | undefined;
}

/**
 * died: the workload ended or failed in the window. lost: what was in force hung or crashed the machine. mixed: what was in
 * force was not the same from first to last.
 */
export interface NoFigure {
  readonly cause: 'died' | 'lost' | 'mixed';
  /** For people, with the workload's last words. */
  readonly why: string;
}
