import type { Pipeline } from '../verify/pipeline.js';
import type { Candidate } from './types.js';

/** A candidate that `policy check` accepts, and what it may say of itself. */
export interface Fit {
  readonly candidate: Candidate;
  /** Shares go by its tasks' weight, as the probes found. */
  readonly isWeighted: boolean;
}

/** What `policy check` found. */
export interface Checked {
  readonly accepted: boolean;
  readonly isWeighted: boolean;
  /** Why it is not accepted. */
  readonly errors: readonly string[];
}

/** A check takes half a minute, and the first ones are the best. */
const MOST_CHECKED = 6;
const FAIRNESS = 'trial/fairness';

/** Holds candidates to every stage of `policy check`, each candidate once. */
export class FitCheck {
  private readonly checked = new Map<string, Promise<Checked>>();

  constructor(private readonly pipeline: Pick<Pipeline, 'check'>) {}

  of(candidate: Candidate): Promise<Checked> {
    const known = this.checked.get(candidate.id) ?? this.check(candidate);
    this.checked.set(candidate.id, known);
    return known;
  }

  /** The first that passes; null when none of the best does. */
  async first(candidates: readonly Candidate[]): Promise<Fit | null> {
    for (const candidate of candidates.slice(0, MOST_CHECKED)) {
      const { accepted, isWeighted } = await this.of(candidate);
      if (accepted) return { candidate, isWeighted };
    }
    return null;
  }

  /** A candidate claims nothing yet: that its shares do not go by weight is a warning, and then it will not claim it. */
  private async check({ source, tunables }: Candidate): Promise<Checked> {
    const request = { name: 'policy', file: 'policy.bpf.c', source, tunables, weighted: false };
    const { accepted, findings } = await this.pipeline.check(request);
    return {
      accepted,
      isWeighted: !findings.some(({ rule }) => rule === FAIRNESS),
      errors: findings
        .filter(({ severity }) => severity === 'error')
        .map(({ rule, message }) => `${message} [${rule}]`),
    };
  }
}
