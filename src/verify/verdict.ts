/** The gates a policy passes, cheapest first. */
export const STAGES = ['lint', 'compile', 'load', 'attach', 'trial'] as const;
export type Stage = (typeof STAGES)[number];

/** A place in a policy's source; lines and columns count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** One thing a stage found wrong, in a form that a person and a model can act on. */
export interface Finding {
  readonly stage: Stage;
  /** `STAGE/what-is-wrong`, for example `lint/unconsumed-dsq`; documented in docs/policies.md. */
  readonly rule: string;
  /** An error rejects; a warning is only told. */
  readonly severity: 'error' | 'warning';
  /** What is wrong, with the names and values at hand. */
  readonly message: string;
  readonly place?: SourcePlace;
  /** The way out, in one sentence. */
  readonly hint?: string;
}

/** What one stage says; with an error among its findings it rejects. */
export interface StageVerdict {
  readonly stage: Stage;
  readonly findings: readonly Finding[];
  /** Wall time, ms. */
  readonly tookMs: number;
}

export const rejects = ({ findings }: Pick<StageVerdict, 'findings'>): boolean =>
  findings.some(({ severity }) => severity === 'error');
