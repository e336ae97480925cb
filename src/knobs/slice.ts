import type { KnobValues } from './types.js';

/**
 * The turn a task gets, ns. CFS: latency_ns divided by the runnable tasks, but at least min_granularity_ns.
 * EEVDF: the task's own slice_ns, or base_slice_ns. Null when `values` has none of these.
 * @param runnable tasks on one CPU's queue, the running one included
 * Source: kernel 6.1, kernel/sched/fair.c (sched_slice); LumOS paper, appendix A.
 */
export function effectiveSlice(values: KnobValues, runnable: number): number | null {
  const { slice_ns: own, base_slice_ns: base, latency_ns: latency, min_granularity_ns: floor } = values;
  if (own !== undefined) return own;
  if (base !== undefined) return base;
  if (latency === undefined) return floor ?? null;
  return Math.max(latency / Math.max(1, runnable), floor ?? 0);
}

/** Above how many runnable tasks on a CPU latency_ns no longer sets the turn; null without both CFS knobs. */
export function tasksLatencyServes(values: KnobValues): number | null {
  const { latency_ns: latency, min_granularity_ns: floor } = values;
  return latency === undefined || floor === undefined ? null : latency / floor;
}

/**
 * Mean number of runnable tasks per CPU in a window, the running one included, from the waiting tasks
 * (`runq_waiting`, mean over the window, all CPUs) and the CPUs' busy share. Null when they were not measured.
 */
export function runnablePerCpu(metrics: Readonly<Record<string, number>>, cpus: number): number | null {
  const { runq_waiting: waiting, idle_share: idle } = metrics;
  if (waiting === undefined || idle === undefined || cpus < 1) return null;
  return waiting / cpus + (1 - idle);
}
