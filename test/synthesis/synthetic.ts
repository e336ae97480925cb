import type { Candidate, Case, Effort, Evaluator, Score } from '../../src/synthesis/types.js';

export const CASE: Case = {
  workload: 'mixed',
  parameters: {},
  cpus: 2,
  kernel: 'scx',
  objective: { metric: 'wakeup_p99_ns', direction: 'lower', unit: 'ns', meaning: 'how late it ran' },
};

export const effort = (windowNs: number, seeds: readonly number[] = [1]): Effort => ({
  rigour: 'search',
  windowNs,
  seeds,
});

export const OWN = 1000;

/**
 * An evaluator without a lab: a figure computed from the tunables, with an error that shrinks with the window, and
 * answers in an order of its own.
 */
export class Synthetic implements Evaluator {
  readonly asked: string[] = [];

  constructor(
    private readonly figure: (candidate: Candidate) => number | string,
    private readonly delayMs: () => number = () => 0,
  ) {}

  async score(candidate: Candidate | null, _: Case, { windowNs, seeds, rigour }: Effort): Promise<Score> {
    const id = candidate?.id ?? 'own';
    this.asked.push(`${id} ${windowNs}`);
    await new Promise((resolve) => setTimeout(resolve, this.delayMs()));
    const figure = candidate === null ? OWN : this.figure(candidate);
    const metrics = {
      wakeup_p99_ns: typeof figure === 'number' ? figure : 0,
      throughput_per_s: 100 + (typeof figure === 'number' ? figure / 10 : 0),
      switches_per_s: (candidate?.tunables.slice_ns ?? 3e6) / 1e4,
    };
    const effort = { rigour, windowNs, seeds };
    const base = { candidate: id, effort, metrics, keys: seeds.map((seed) => `${id} ${windowNs} ${seed}`) };
    return typeof figure === 'string'
      ? { ...base, value: null, values: [], dropped: figure }
      : { ...base, value: figure, values: seeds.map(() => figure) };
  }
}
