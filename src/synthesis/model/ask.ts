import { createHash } from 'node:crypto';
import { MachineFailed, messageOf } from '../../errors.js';
import { ModelError } from '../../models/failure.js';
import type { AccountedModel } from '../../models/index.js';
import { added, type Spent } from '../../models/spent.js';
import type { Message } from '../../models/types.js';
import { plain } from '../../tuners/llm/fence.js';
import type { Pipeline } from '../../verify/pipeline.js';
import { type Gated, gate } from './gate.js';
import type { Finding, ModelJournal } from './journal.js';
import { type Rejection, signatureOf } from './rejection.js';
import { probedText, rejectionLine, repairText } from './repair.js';
import { type Proposal, proposalSchema } from './reply.js';
import type { Assembled } from './template.js';

/** Characters of a useless reply that are shown to the model again. */
const MOST_ECHOED = 20_000;

export interface Asking {
  readonly model: AccountedModel;
  readonly pipeline: Pick<Pipeline, 'check'>;
  readonly journal: ModelJournal;
  readonly system: string;
  /** How often a rejected candidate goes back. */
  readonly repairs: number;
  readonly turn: number;
  /** What the model's calls have come to so far, those without a reply included. */
  readonly spent: () => Spent;
  readonly signal?: AbortSignal | undefined;
  readonly note?: ((text: string) => void) | undefined;
}

/** Of a call: what was asked, as a hash, and all that the pipeline said of its reply. */
export interface Verdict {
  readonly promptSha256: string;
  readonly findings: readonly Finding[];
}

/** A candidate that passed the gates, or why there is none. */
export type Asked =
  | ({ readonly proposal: Proposal; readonly assembled: Assembled; readonly attempts: number } & Verdict)
  | {
      readonly proposal: null;
      readonly reason: string;
      readonly attempts: number;
      /** This machine did not get it checked: no fault of the model's. */
      readonly isMachines?: boolean;
    };

/** A policy that measured well, and why it would be no winner all the same. */
export interface Probed {
  readonly proposal: Proposal;
  readonly rejection: Rejection;
  /** What it came to, in words. */
  readonly figure: string;
}

/** How often a reply is put to the gates where this machine does not get that done. */
const GATE_TRIES = 3;

/**
 * Asks for one candidate and sends it back with what is wrong until it passes the gates. It is dropped after `repairs`
 * repairs, and at once when the same source comes again, or the same mistake at the same place in spite of the hint. A
 * reply that this machine does not get checked is checked again, and the model is told nothing of it.
 * @param probed a policy of the model's that measured well and that the probes reject: it is to repair that one
 * @throws ModelError when no reply can be had
 */
export async function askForPolicy(asking: Asking, question: string, probed?: Probed): Promise<Asked> {
  const { repairs } = asking;
  const made = new Set<string>();
  const codes = new Set<string>(probed && [probed.proposal.code]);
  let messages: readonly Message[] = [
    { role: 'user', text: question },
    ...(probed === undefined
      ? []
      : [
          { role: 'model' as const, text: JSON.stringify(probed.proposal) },
          { role: 'user' as const, text: probedText(probed) },
        ]),
  ];
  for (let attempts = 1; ; attempts++) {
    const asked = await once(asking, messages, attempts);
    if (asked.failure !== undefined)
      return { proposal: null, attempts, reason: `the lab failed: ${asked.failure}`, isMachines: true };
    const { text, proposal, assembled, rejection, ...verdict } = asked;
    if (rejection === null) return { proposal, assembled, attempts, ...verdict };
    const again = made.has(signatureOf(rejection)) || (proposal !== null && codes.has(proposal.code));
    const drop = (why: string): Asked => ({
      ...{ proposal: null, attempts },
      reason: `${why}: ${rejectionLine(rejection)}`,
    });
    if (again) return drop('the same mistake again');
    if (attempts > repairs) return drop(`still rejected after ${repairs} repairs`);
    made.add(signatureOf(rejection));
    if (proposal !== null) codes.add(proposal.code);
    // The last reply and what is wrong with it: earlier ones would make every repair dearer than the one before.
    messages = [
      { role: 'user', text: question },
      { role: 'model', text: text.slice(0, MOST_ECHOED) || '(nothing)' },
      { role: 'user', text: repairText(rejection) },
    ];
  }
}

type Once =
  | { readonly failure: string }
  | (Verdict & { readonly text: string; readonly failure?: undefined } & (
        | { readonly proposal: Proposal; readonly assembled: Assembled; readonly rejection: null }
        | {
            readonly proposal: Proposal | null;
            readonly assembled: Assembled | null;
            readonly rejection: Rejection;
          }
      ));

async function once(asking: Asking, messages: readonly Message[], attempt: number): Promise<Once> {
  const { pipeline, journal, system, turn } = asking;
  const promptSha256 = createHash('sha256').update(JSON.stringify({ system, messages })).digest('hex');
  const { value, problem, text, usage, usd, latencyMs } = await replyTo(asking, messages, {
    ...{ turn, attempt, promptSha256 },
  });
  const proposal = problem === null && value !== undefined ? value : null;
  const gated: Gated | MachineFailed =
    proposal === null
      ? { assembled: null, rejection: unreadable(problem ?? 'the reply is empty'), findings: [] }
      : await throughGates(proposal, pipeline, asking.note);
  const paid = { tokens: usage.inputTokens + usage.outputTokens, usd: usd ?? 0 };
  if (gated instanceof MachineFailed) {
    const rejection = { stage: 'machine', rule: 'machine/failed', message: gated.message };
    const call = { turn, attempt, latencyMs, proposal, promptSha256, findings: [], rejection };
    journal.add({ kind: 'call', ...call, ...paid });
    return { failure: gated.message };
  }
  const findings = gated.findings.map(({ stage, rule, severity, message }) => ({
    ...{ stage, rule, severity, message: plain(message, 600) },
  }));
  journal.add({
    kind: 'call',
    ...{ turn, attempt, latencyMs, proposal, promptSha256, findings },
    ...paid,
    rejection: gated.rejection,
  });
  return { text, proposal, promptSha256, ...gated, findings } as Once;
}

/** A proposal through the gates, or the failure of this machine that keeps it from them. */
async function throughGates(
  proposal: Proposal,
  pipeline: Asking['pipeline'],
  note: Asking['note'],
): Promise<Gated | MachineFailed> {
  for (let tries = 1; ; tries++) {
    try {
      return await gate(proposal, pipeline);
    } catch (error) {
      if (!(error instanceof MachineFailed)) throw error;
      if (tries === GATE_TRIES) return error;
      note?.(`model: the lab failed (${error.message}); the reply is checked again`);
    }
  }
}

/** One reply. A call that brings none is kept too, with what it may have cost; one that was not made is not. */
async function replyTo(
  { model, journal, system, signal, spent }: Asking,
  messages: readonly Message[],
  call: { readonly turn: number; readonly attempt: number; readonly promptSha256: string },
) {
  const [before, started] = [spent(), performance.now()];
  try {
    return await model.ask({ system, messages, schema: proposalSchema, signal });
  } catch (error) {
    const failure = error instanceof ModelError ? error.kind : 'unknown';
    const { tokens, usd } = added(spent(), before, -1);
    const [latencyMs, reason] = [performance.now() - started, plain(messageOf(error), 600)];
    if (failure !== 'budget' && failure !== 'tape')
      journal.add({ kind: 'failed', ...call, tokens, usd, latencyMs, failure, reason });
    throw error;
  }
}

const unreadable = (problem: string): Rejection => ({
  stage: 'reply',
  rule: 'reply/form',
  message: plain(problem, 600),
  hint: 'one JSON object with every field that was asked for, and nothing before or after it',
});
