import { checkGuardrails } from '../workloads/guardrails.js';
import { workloadByName } from '../workloads/index.js';
import type { Guardrail } from '../workloads/types.js';
import { type Case, type Effort, type Evaluator, type Score, unmeasured } from './types.js';

/** An evaluator that also drops what breaks the goal's own guardrails, on the workload they are for. */
export class GuardedEvaluator implements Evaluator {
  constructor(
    private readonly inner: Evaluator,
    private readonly workload: string,
    private readonly guardrails: readonly Guardrail[],
  ) {}

  async score(candidate: Parameters<Evaluator['score']>[0], where: Case, effort: Effort): Promise<Score> {
    const score = await this.inner.score(candidate, where, effort);
    if (candidate === null || score.value === null || where.workload !== this.workload) return score;
    const own = await this.inner.score(null, where, effort);
    if (own.unmeasured !== undefined) return unmeasured(candidate.id, effort, own.unmeasured);
    const judge = { guardrails: this.guardrails, metrics: workloadByName(where.workload).metrics };
    const { breaches, unknown } = checkGuardrails(judge, score.metrics, [own.metrics]);
    // A search goes without the sampler, so some figures are the referee's alone.
    const broken = effort.rigour === 'referee' ? [...breaches, ...unknown] : breaches;
    return broken.length === 0
      ? score
      : { ...score, value: null, dropped: `guardrail: ${broken.join('; ')}` };
  }
}
