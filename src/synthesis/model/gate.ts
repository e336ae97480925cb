import type { Pipeline } from '../../verify/pipeline.js';
import type { Finding, Stage } from '../../verify/verdict.js';
import { overstepped } from './boundary.js';
import { recognised } from './recognise.js';
import { type Rejection, rejectionOf } from './rejection.js';
import type { Proposal } from './reply.js';
import { type Assembled, assemble } from './template.js';

/** A proposal as a source that passed the gates, or why it did not. */
export type Gated = {
  /** All that the pipeline found, warnings included. */
  readonly findings: readonly Finding[];
} & (
  | { readonly assembled: Assembled; readonly rejection: null }
  | { readonly assembled: Assembled | null; readonly rejection: Rejection }
);

/** Warnings that for a policy made on a benchmark are errors. */
const STRICT: readonly string[] = ['lint/hard-coded-cpu', 'lint/comm-matching', 'lint/printk-hot-op'];

/**
 * A proposal through its own checks, then through the pipeline up to `until`.
 * @throws TunesmithError (incapable) when this machine lacks a tool or a lab; MachineFailed
 */
export async function gate(
  proposal: Proposal,
  pipeline: Pick<Pipeline, 'check'>,
  until: Stage = 'attach',
): Promise<Gated> {
  const outside = overstepped(proposal);
  if (outside) return { assembled: null, rejection: outside, findings: [] };
  const assembled = assemble(proposal);
  const knows = await recognised(assembled);
  if (knows) return { assembled, rejection: knows, findings: [] };
  const { source, firstLine } = assembled;
  const { findings } = await pipeline.check({ name: 'policy', file: 'policy.bpf.c', source, until });
  const worst = findings.find(({ severity, rule }) => severity === 'error' || STRICT.includes(rule));
  if (worst === undefined) return { assembled, rejection: null, findings };
  return { assembled, findings, rejection: rejectionOf(worst, proposal.code, firstLine) };
}
