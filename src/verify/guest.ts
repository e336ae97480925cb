import type { z } from 'zod';
import { TunesmithError } from '../errors.js';
import type { Lab } from '../lab/lab.js';
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

/** Guests of a kernel (a role, a version, a vmlinuz) with two CPUs and a mild load to hold a policy under. */
export async function policyGuests(
  lab: Lab,
  kernel: string,
  stepLimitMs = STEP_LIMIT_MS,
): Promise<PolicyGuests> {
  return { lab, trial: await prepareTrial(lab, { ...MILD_LOAD, kernel, cpus: 2 }), stepLimitMs };
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

/**
 * Works with a fresh guest. One that panics, hangs or floods its console is a finding and never a crash: the next use
 * gets a new guest.
 */
export async function inGuest(
  guests: PolicyGuests,
  stage: Stage,
  work: (ask: Ask) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const session = await (guests.next ?? enterGuest(guests));
  try {
    return await work(askIn(session, guests.stepLimitMs));
  } catch (error) {
    if (!(error instanceof TunesmithError) || error.code !== 'guest') throw error;
    return [
      {
        stage,
        rule: `${stage}/guest-lost`,
        severity: 'error',
        message: error.message,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      },
    ];
  } finally {
    await guests.lab.leave(session);
  }
}
