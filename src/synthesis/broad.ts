import { gainOf } from '../loop/objective.js';
import { workloadByName } from '../workloads/index.js';
import { validationEffort } from './efforts.js';
import { validationCase } from './others.js';
import { type Candidate, type Case, type Effort, type Evaluator, type Score, unmeasured } from './types.js';

/**
 * An evaluator that looks how those candidates do on another load which a search finds worth more than its first
 * effort. What is best at one load is often worst elsewhere, and the referee has no use for it.
 */
export class BroadEvaluator implements Evaluator {
  constructor(
    private readonly inner: Evaluator,
    /** Of the search; later ones are looked at. */
    private readonly first: Effort,
  ) {}

  async score(candidate: Candidate | null, where: Case, effort: Effort): Promise<Score> {
    const score = await this.inner.score(candidate, where, effort);
    if (candidate === null || score.value === null || effort === this.first) return score;
    const other = validationCase(where);
    const look = validationEffort(workloadByName(other.workload));
    const [own, its] = await Promise.all([
      this.inner.score(null, other, look),
      this.inner.score(candidate, other, look),
    ]);
    const missing = own.unmeasured ?? its.unmeasured;
    if (missing !== undefined) return unmeasured(candidate.id, effort, `on ${other.workload}: ${missing}`);
    return { ...score, elsewhere: { [other.workload]: gainOf(other.objective, own.value, its.value) ?? -1 } };
  }
}
