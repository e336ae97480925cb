import type { Finding, Stage } from '../../verify/verdict.js';

/** Where a model's candidate may fail: its reply's form, what it may not write, then the gates of every policy. */
export type ProposalStage = 'reply' | 'proposal' | Stage;

/** Why a candidate was sent back, with what is needed to repair it. */
export interface Rejection {
  readonly stage: ProposalStage;
  /** As `policy check` names it, or `reply/…` and `proposal/…`. */
  readonly rule: string;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Line of the model's own code, from 1, and what stands there. */
  readonly line?: number | undefined;
  readonly text?: string | undefined;
}

/**
 * A finding of the pipeline as a rejection, its place counted in the model's code.
 * @param firstLine line of the source at which that code begins
 */
export function rejectionOf(finding: Finding, code: string, firstLine: number): Rejection {
  const { stage, rule, message, hint, place } = finding;
  const line = place === undefined ? 0 : place.line - firstLine + 1;
  const text = code.split('\n')[line - 1]?.trim();
  return { stage, rule, message, hint, ...(text === undefined || line < 1 ? {} : { line, text }) };
}

/** The same mistake at the same place, whatever else was changed. */
export const signatureOf = ({ rule, text, message }: Rejection): string => `${rule} ${text ?? message}`;
