import type { Pipeline } from '../../verify/pipeline.js';
import type { Candidate } from '../types.js';

/** A candidate that `policy check` accepts, and what it may say of itself. */
export interface Fit {
  readonly candidate: Candidate;
  /** Shares go by its tasks' weight, as the probes found. */
  readonly isWeighted: boolean;
}

/** A check takes half a minute, and the first ones are the best. */
const MOST_CHECKED = 6;
const FAIRNESS = 'trial/fairness';

/**
 * The first that passes every stage. One that fails for its shares alone passes as what it is: a policy that does not
 * claim to go by weight, which is told and no fault. Null when none does.
 */
export async function firstFit(
  pipeline: Pick<Pipeline, 'check'>,
  candidates: readonly Candidate[],
): Promise<Fit | null> {
  for (const candidate of candidates.slice(0, MOST_CHECKED)) {
    const { source, tunables } = candidate;
    const request = { name: 'policy', file: 'policy.bpf.c', source, tunables };
    const { accepted, findings } = await pipeline.check({ ...request, weighted: true });
    if (accepted) return { candidate, isWeighted: true };
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (!errors.every(({ rule }) => rule === FAIRNESS)) continue;
    if ((await pipeline.check({ ...request, weighted: false })).accepted)
      return { candidate, isWeighted: false };
  }
  return null;
}
