/** Loops of work a lab CPU does in a millisecond when it has the pooled clock to itself. */
const LAB_LOOPS_PER_MS = 10_000;

/**
 * A load's parameters as written for the lab, for a real machine: work (`*_loops`) that takes as long there as in
 * a guest of so many CPUs. The guest's CPUs pool one CPU's speed, so when all are busy a unit of work takes `cpus`
 * times as long.
 * @param perMs what one CPU of the real machine does in a millisecond (`loopsPerMs`)
 */
export function scaledToHost(
  parameters: Readonly<Record<string, number>>,
  perMs: number,
  cpus: number,
): Record<string, number> {
  const factor = (perMs / LAB_LOOPS_PER_MS) * cpus;
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      name.endsWith('_loops') ? Math.round(value * factor) : value,
    ]),
  );
}
