import type { z } from 'zod';
import type { PolicyInput, PolicyStatus, policyReply } from '../lab/policy.js';
import { stepRequest } from '../lab/step.js';
import { errorEvents, FEW_EVENTS, WRONG_CHOICE } from '../policies/error-events.js';
import { endOf } from '../policies/status.js';
import { inGuest, type PolicyGuests } from './guest.js';
import { type LoadVerdict, loadFindings, loadVerdict } from './load.js';
import type { Finding, StageVerdict } from './verdict.js';

export interface AttachVerdict extends StageVerdict {
  /** What the load stage would have said: attaching begins with a load. Null when the guest was lost meanwhile. */
  readonly load: LoadVerdict | null;
  /** The last that was seen of the policy, after the window; null when it was never attached. */
  readonly status: PolicyStatus | null;
}

export interface AttachOptions {
  /** The longest a task may wait, ms of guest time. */
  readonly timeoutMs?: number;
  /** How long it has to hold, ns of guest time. */
  readonly windowNs?: number;
  /** Whether a wrong CPU can only have come from select_cpu (policies/error-events.ts). */
  readonly chooses?: boolean;
}

/**
 * The watchdog looks every half timeout, so a task that is forgotten early ends the policy within 1.5 of them. One
 * window: the load of a window ends with it, and a task of its own that waits would be forgiven.
 */
const HOLD = { timeoutMs: 1000, windowNs: 2_000_000_000 } as const;

const finding = (rule: string, severity: Finding['severity'], message: string, hint: string): Finding => ({
  stage: 'attach',
  rule,
  severity,
  message,
  hint,
});

const EJECTION_HINTS: Readonly<Record<number, string>> = {
  1024: 'the kernel names what the policy asked for and may not; look where it does that',
  1025: 'the policy called scx_bpf_error() itself',
  1026: 'a task waited longer than the timeout: some path does not insert it, or no dispatch serves its queue',
};

const ejected = (status: PolicyStatus): Finding =>
  finding(
    'attach/ejected',
    'error',
    `the kernel ejected ${status.name} while it was held under a mild load: ${endOf(status.exit)}`,
    EJECTION_HINTS[status.exit?.kind ?? 0] ?? 'keep an exit record to learn more',
  );

/** Error events of the kernel’s, in a status after `windowNs`. */
export const eventFindings = (
  { events, name }: PolicyStatus,
  { chooses = false }: Pick<AttachOptions, 'chooses'> = {},
): readonly Finding[] =>
  errorEvents(events, {}, chooses ? WRONG_CHOICE : {}).map(({ event, count, meaning }) => {
    const severity = count > FEW_EVENTS ? 'error' : 'warning';
    const message = `under ${name} ${event} rose to ${count}: ${meaning}`;
    return finding(
      'attach/errors-rising',
      severity,
      message,
      'test what the task may do before acting on it',
    );
  });

type Reply = z.infer<typeof policyReply>;

/** Whether attaching came to anything; success of the link alone is no proof. */
function enterFindings({ load, attach_errno: errno = 0, status }: Reply): readonly Finding[] {
  const refused = load ? loadFindings(load) : [];
  if (refused.length > 0 || !status) {
    const why = refused.map(({ message }) => message).join('; ') || 'the guest says nothing of it';
    return [finding('attach/not-loaded', 'error', `it does not load: ${why}`, 'run the load stage first')];
  }
  if (errno === 0 && status.enabled) return [];
  const how = `errno ${errno}, state ${status.state}`;
  return [
    finding(
      'attach/not-enabled',
      'error',
      `the kernel does not enable ${status.name} (${how}): ${endOf(status.exit)}`,
      'check the flags, and what init and init_task return',
    ),
  ];
}

/**
 * The attach stage: makes the policy the scheduler of a lab guest, holds it for a while under a mild load, and judges
 * by the kernel’s state, the exit record and the event counters. Some two seconds of wall time.
 * @throws TunesmithError usage for a tunable or timeout out of range, incapable when this machine has no lab.
 */
export async function attachStage(
  policy: PolicyInput,
  guests: PolicyGuests,
  options: AttachOptions = {},
): Promise<AttachVerdict> {
  const started = Date.now();
  const { timeoutMs, windowNs } = { ...HOLD, ...options };
  const { trial } = guests;
  const window = { ...trial.spec, knobs: trial.defaults, warmupNs: 0, windowNs };
  let status: PolicyStatus | null = null;
  let load: LoadVerdict | null = null;
  const findings = await inGuest(guests, 'attach', async (ask) => {
    const entered = await ask({ op: 'policy_attach' }, { ...policy, timeoutMs });
    load = entered.load ? loadVerdict(entered.load, started, policy.object) : null;
    status = entered.status ?? null;
    const wrong = enterFindings(entered);
    if (wrong.length > 0) return wrong;
    await ask(stepRequest({ ...window, seed: 1 }));
    status = (await ask({ op: 'policy_status' })).status ?? null;
    if (status && !status.enabled) return [ejected(status)];
    return status ? eventFindings(status, options) : [];
  });
  const loadedIn = (load as LoadVerdict | null)?.tookMs ?? 0;
  return { stage: 'attach', findings, tookMs: Date.now() - started - loadedIn, load, status };
}
