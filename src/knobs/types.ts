/** The scheduler generation a kernel has: CFS up to 6.5, EEVDF from 6.6 on. */
export type SchedulerClass = 'cfs' | 'eevdf';

/** A typed tunable of the scheduler. */
export interface Knob {
  /** As the kernel spells it, with its unit: `base_slice_ns`. */
  readonly name: string;
  readonly unit: 'ns' | 'us' | 'count';
  /** Smallest and largest value a change may set, in `unit`. */
  readonly min: number;
  readonly max: number;
  /** How a tuner should walk the range: ratios (log) or differences (linear). */
  readonly scale: 'log' | 'linear';
  /** Kernels that have it. */
  readonly classes: readonly SchedulerClass[];
  readonly risk: 'low' | 'medium' | 'high';
  /** What it does, what a low and a high value cost; one or two sentences. */
  readonly meaning: string;
  /** Where range and meaning come from. */
  readonly source: string;
}

/** A knob of the whole kernel, for which the scheduler has a file in debugfs: the lab's knobs are these. */
export interface KernelKnob extends Knob {
  /** Path under debugfs. */
  readonly debugfs: string;
}

/** A knob that only a running machine has: of every task in a scope, of a cgroup, or a sysctl. */
export interface HostKnob extends Knob {
  readonly home: 'task' | 'cgroup' | 'sysctl';
}

/** Knob values by name, in each knob's unit. */
export type KnobValues = Readonly<Record<string, number>>;

/** A remark that does not stop a change: which knobs, and why. */
export interface KnobWarning {
  readonly knobs: readonly string[];
  readonly message: string;
}
