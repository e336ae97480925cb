import { objectiveOf } from '../../src/loop/objective.js';
import { candidateOf } from '../../src/synthesis/candidate.js';
import type { ArchiveView, Score, Tried } from '../../src/synthesis/types.js';
import { resolveParameters, workloadByName } from '../../src/workloads/index.js';

const mixed = workloadByName('mixed');

/** A score over five seeds around a value. */
export const scoreOf = (candidate: string, value: number, more: Partial<Score> = {}): Score => ({
  candidate,
  effort: { rigour: 'referee', windowNs: 1e9, seeds: [1, 2, 3, 4, 5] },
  value,
  values: [0.99, 1, 1, 1, 1.01].map((factor) => factor * value),
  metrics: {
    ...{ wakeup_p99_ns: value, throughput_per_s: 4000, switches_per_s: 900 },
    ...{ migrations_per_s: 12, idle_share: 0, slice_p50_ns: 3e6 },
  },
  keys: [],
  ...more,
});

/** Something that was tried, its gain over an EEVDF of 2 ms. */
export function triedOf(source: string, value: number, more: Partial<Tried['candidate']> = {}): Tried {
  const made = { source, tunables: {}, by: 'repository' as const, parents: [], words: 'One queue.' };
  const candidate = candidateOf({ ...made, ...more });
  const gain = 1 - value / 2e6;
  return { candidate, score: scoreOf(candidate.id, value), gain, merit: gain, cell: 'a' };
}

/** A search on `mixed` that has tried these. */
export const archiveOf = (...tried: readonly Tried[]): ArchiveView => ({
  case: {
    ...{ workload: 'mixed', parameters: resolveParameters(mixed, {}), cpus: 2, kernel: '6.18' },
    objective: objectiveOf(mixed),
  },
  own: scoreOf('own', 2e6),
  elites: tried.filter(({ gain }) => gain !== null),
  tried,
});
