import type { z } from 'zod';
import { MachineFailed, TunesmithError } from '../errors.js';
import type { Lab } from '../lab/lab.js';
import { GuestHung } from '../lab/machine.js';
import { type PolicyInput, policyReply, policyRequest, policySpec } from '../lab/policy.js';
import { type PreparedTrial, prepareTrial } from '../lab/prepare.js';
import type { Session } from '../lab/session.js';
import type { Finding, Stage } from './verdict.js';

/** The guests that policies are tried in: each use starts from the same snapshot. */
export interface PolicyGuests {
  readonly lab: Lab;
  readonly trial: PreparedTrial;
  /** The most wall-clock time one step may take, ms; a guest that needs more hangs. */
  readonly stepLimitMs: number;
  /** The next guest, under way already; whoever puts it here ends it when nobody has used it. */
  readonly next?: Promise<Session>;
}

/** Two virtual seconds take one or two of wall time; a busy host may need ten times as long. */
export const STEP_LIMIT_MS = 60_000;

/** A few CPU hogs beside periodic tasks: enough to schedule, and nothing a sound policy could fail under. */
const MILD_LOAD = { workload: 'mixed', seed: 1 } as const;

/**
 * Guests of a kernel (a role, a version, a vmlinuz) with two CPUs and a mild load to hold a policy under.
 * @param config whether they have their kernel's configuration, for policies that ask for it
 */
export async function policyGuests(
  lab: Lab,
  kernel: string,
  stepLimitMs = STEP_LIMIT_MS,
  config = false,
): Promise<PolicyGuests> {
  return { lab, trial: await prepareTrial(lab, { ...MILD_LOAD, kernel, cpus: 2, config }), stepLimitMs };
}

/** A guest at its first gate; the caller hands it back to the lab. */
export const enterGuest = ({ lab, trial }: PolicyGuests): Promise<Session> =>
  lab.enter({ ...trial.spec, knobs: trial.defaults }, trial.files, 'search');

/** Asks a guest something about a policy. */
export type Ask = (request: object, policy?: PolicyInput) => Promise<z.infer<typeof policyReply>>;

const askIn =
  (session: Session, limitMs: number): Ask =>
  async (request, policy) => {
    const brought = policy ? { policy: policyRequest(policySpec(policy), policy.object) } : {};
    return policyReply.parse(await session.step({ ...request, ...brought }, limitMs));
  };

/** The verifier's own functions, in what a guest says of where it was. */
const VERIFYING =
  /\b(?:bpf_check|do_check\w*|copy_verifier_state|is_state_visited|states_equal|push_stack)\b/;

/**
 * A guest that is lost by what it was given. One that does not come to the end of loading, or has no memory left for it, was
 * lost to the verifier: the policy is too much for it, which is a verdict of its own.
 */
function lost(stage: Stage, { message, hint = '' }: TunesmithError, isHung: boolean): Finding {
  const common = { stage, severity: 'error' as const };
  if (stage === 'load' && (isHung || VERIFYING.test(hint)))
    return {
      ...common,
      rule: 'load/too-complex',
      message: `the verifier does not come to an end of it: ${message}`,
      hint: 'give loops a constant bound or bpf_for; count in a can_loop loop from a variable that the verifier does not know, not from 0; move what is done twice into a __noinline function that is not static, which is looked at once',
    };
  return { ...common, rule: `${stage}/guest-lost`, message, ...(hint && { hint }) };
}

async function once(
  guests: PolicyGuests,
  stage: Stage,
  work: (ask: Ask) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const session = await (guests.next ?? enterGuest(guests));
  try {
    return await work(askIn(session, guests.stepLimitMs));
  } catch (error) {
    if (!(error instanceof TunesmithError) || error.code !== 'guest') throw error;
    return [lost(stage, error, error instanceof GuestHung)];
  } finally {
    await guests.lab.leave(session);
  }
}

/**
 * Works with a fresh guest. One that panics, hangs or floods its console is a finding and never a crash: the next use
 * gets a new guest. A guest that this machine takes away says nothing of the policy, so that another one is tried.
 * @throws MachineFailed when that is lost as well
 */
export async function inGuest(
  guests: PolicyGuests,
  stage: Stage,
  work: (ask: Ask) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await once(guests, stage, work);
  } catch (error) {
    if (!(error instanceof MachineFailed)) throw error;
    const { next: _, ...fresh } = guests;
    return once(fresh, stage, work);
  }
}
