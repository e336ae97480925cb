import { createHash } from 'node:crypto';
import { z } from 'zod';
import { TunesmithError, usageError } from '../errors.js';

/** What of a policy decides a trial: part of its key. */
export interface PolicySpec {
  /** Of the object file that is loaded. */
  readonly sha256: string;
  /** Global variables set before the load, by name; whole numbers, booleans as 0 and 1. */
  readonly tunables: Readonly<Record<string, number>>;
  /** The longest a task may wait before the kernel ejects the policy, ms; a shorter one of its own is kept. */
  readonly timeoutMs: number;
}

/** A compiled policy as a caller has it. */
export interface PolicyInput {
  readonly object: Buffer;
  readonly tunables?: Readonly<Record<string, number>>;
  readonly timeoutMs?: number;
}

/** Short beside the kernel’s own 30 s, and long beside any wait that a policy could mean. */
export const TIMEOUT_MS = { least: 100, default: 3000, most: 30_000 } as const;

/** @throws TunesmithError (usage) naming the tunable or the timeout that is out of range. */
export function policySpec({
  object,
  tunables = {},
  timeoutMs = TIMEOUT_MS.default,
}: PolicyInput): PolicySpec {
  for (const [name, value] of Object.entries(tunables))
    if (!Number.isSafeInteger(value)) throw usageError(`tunable ${name}`, value, 'is not a whole number');
  const { least, most } = TIMEOUT_MS;
  if (!Number.isInteger(timeoutMs) || timeoutMs < least || timeoutMs > most)
    throw usageError('timeoutMs', timeoutMs, `must be a whole number from ${least} to ${most}`);
  return { sha256: createHash('sha256').update(object).digest('hex'), tunables, timeoutMs };
}

/** As the agent wants it (native/agent/policy.h). @throws TunesmithError (internal) without the object. */
export function policyRequest({ tunables, timeoutMs }: PolicySpec, object: Buffer | undefined): object {
  if (object === undefined) throw new TunesmithError('internal', 'a trial’s policy has lost its object');
  return { object: object.toString('base64'), tunables, timeout_ms: timeoutMs };
}

/** Whether an object has variables that libbpf fills from the kernel's configuration (`CONFIG_HZ`, by `__kconfig`). */
export const asksForConfig = (object: Buffer): boolean => object.includes('\0CONFIG_');

const figures = z.record(z.string(), z.number());

/** What loading came to. `code` is empty when it worked; `reason` and `log` are libbpf’s and the verifier’s words. */
export const loadReply = z.object({
  code: z.string(),
  errno: z.int(),
  reason: z.string(),
  hint: z.string(),
  name: z.string().default(''),
  program: z.string().default(''),
  log: z.string().default(''),
  log_cut: z.int().default(0),
  programs: z
    .array(z.object({ name: z.string(), insns: z.int(), states: z.int(), peak_states: z.int() }))
    .default([]),
  variables: z
    .array(z.object({ name: z.string(), type: z.string(), constant: z.boolean(), value: z.number() }))
    .default([]),
  declared_timeout_ms: z.int().default(0),
  timeout_ms: z.int().default(0),
  absent: z.array(z.string()).default([]),
});

export type PolicyLoad = z.infer<typeof loadReply>;

/** Why a policy ended, in the kernel’s numbers (enum scx_exit_kind) and words; from its own record or the kernel’s log. */
const exitReply = z.object({
  kind: z.int(),
  code: z.number(),
  reason: z.string(),
  message: z.string(),
  source: z.enum(['record', 'kernel-log']),
});

export const statusReply = z.object({
  name: z.string(),
  attached: z.boolean(),
  /** The kernel runs this very policy. */
  enabled: z.boolean(),
  state: z.string(),
  ops: z.string(),
  switch_all: z.boolean(),
  rejected: z.int(),
  /** The kernel’s SCX_EV_* counters; empty before Linux 6.15 and once it has ended. */
  events: figures,
  /** The policy’s own global variables. */
  figures,
  exit: exitReply.nullable(),
});

export type PolicyStatus = z.infer<typeof statusReply>;

/** What the agent answers to `policy_load`, `policy_attach`, `policy_status`, `policy_detach`, and in `measure`. */
export const policyReply = z.object({
  load: loadReply.optional(),
  attach_errno: z.int().optional(),
  status: statusReply.nullish(),
  failure: z.string().optional(),
});

/** A policy’s part in one measured window. */
export const policyRunSchema = z.object({
  /** In force from before the warm-up to the end of the window; otherwise the window’s figures are not its own. */
  held: z.boolean(),
  status: statusReply,
  /** Why the load failed under a policy that was ejected meanwhile. */
  failure: z.string().optional(),
  timeoutMs: z.int(),
  programs: loadReply.shape.programs,
});

export type PolicyRun = Readonly<z.infer<typeof policyRunSchema>>;

/**
 * The window’s account of its policy.
 * @throws TunesmithError (rejected) when the kernel refused it, so that nothing was measured.
 */
export function policyRun(reply: z.infer<typeof policyReply>): PolicyRun {
  const { load, status, attach_errno: errno = 0, failure } = reply;
  if (load === undefined || load.code !== '' || !status) throw refused(load);
  if (errno !== 0)
    throw new TunesmithError('rejected', `the kernel does not attach the policy ${status.name}`, {
      errno,
      hint: status.exit ? `${status.exit.reason}: ${status.exit.message}` : 'see `dmesg` of the guest',
    });
  return {
    held: status.enabled,
    status,
    ...(failure === undefined ? {} : { failure }),
    timeoutMs: load.timeout_ms,
    programs: load.programs,
  };
}

function refused(load: PolicyLoad | undefined): TunesmithError {
  const reason = load?.reason.trim() || 'the guest says nothing of it';
  const words = load?.log.trim().split('\n').slice(-3).join('; ') || load?.hint;
  const isUsage = load?.code === 'no-such-tunable' || load?.code === 'bad-tunable';
  return new TunesmithError(isUsage ? 'usage' : 'rejected', `the policy does not load: ${reason}`, {
    ...(words ? { hint: words } : {}),
    ...(load?.errno ? { errno: load.errno } : {}),
  });
}
