import { MachineFailed, messageOf, TunesmithError } from '../errors.js';
import type { Pipeline } from '../verify/pipeline.js';
import type { Finding } from '../verify/verdict.js';
import { type Candidate, STOPPED } from './types.js';

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
  /** The first of them as it was found. */
  readonly rejection?: Finding | undefined;
  /** Why this machine could not check it, though it was tried again: then it is neither accepted nor rejected. */
  readonly unmeasured?: string;
}

/** A check takes half a minute, and the first ones are the best. */
const MOST_CHECKED = 6;
const FAIRNESS = 'trial/fairness';
/** How often a check is begun that this machine does not get done. */
const TRIES = 3;

/** Holds candidates to every stage of `policy check`, each candidate once. */
export class FitCheck {
  private readonly checked = new Map<string, Promise<Checked>>();

  constructor(
    private readonly pipeline: Pick<Pipeline, 'check'>,
    private readonly note: (text: string) => void = () => {},
  ) {}

  of(candidate: Candidate): Promise<Checked> {
    const known = this.checked.get(candidate.id) ?? this.tried(candidate);
    this.checked.set(candidate.id, known);
    return known;
  }

  /** Ids of those of which it is known what the check says. */
  has({ id }: Pick<Candidate, 'id'>): boolean {
    return this.checked.has(id);
  }

  private async tried(candidate: Candidate): Promise<Checked> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.check(candidate);
      } catch (error) {
        const isStopped = error instanceof TunesmithError && error.code === 'interrupted';
        if (!isStopped && !(error instanceof MachineFailed)) throw error;
        const why = isStopped ? STOPPED : messageOf(error);
        if (isStopped || tries === TRIES) {
          this.checked.delete(candidate.id);
          return { accepted: false, isWeighted: false, errors: [], unmeasured: why };
        }
        this.note(`not checked yet: ${candidate.id} (${why}); it is tried again`);
      }
    }
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
    const rejection = findings.find(({ severity }) => severity === 'error');
    return {
      rejection,
      accepted,
      isWeighted: !findings.some(({ rule }) => rule === FAIRNESS),
      errors: findings
        .filter(({ severity }) => severity === 'error')
        .map(({ rule, message }) => `${message} [${rule}]`),
    };
  }
}
