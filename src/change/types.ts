import type { Task } from '../host/tasks.js';
import type { KnobValues } from '../knobs/types.js';
import type { Guardrail, Metrics } from '../workloads/types.js';

/**
 * staged: in force for its time to live. committed: in force for good. reverted: put back because somebody asked, a
 * guardrail was breached or the kernel ejected the policy. expired: put back because its time ran out or who staged it is gone. failed: never in
 * force. lapsed: was committed, and the boot it was committed in is over. ARCHITECTURE.md has the machine.
 */
export const CHANGE_STATES = ['staged', 'committed', 'reverted', 'expired', 'failed', 'lapsed'] as const;
export type ChangeState = (typeof CHANGE_STATES)[number];

/**
 * Why a change ended. asked: `revert`. guardrail: a breach. ejected: the kernel put the policy out. ttl: its time ran out. lease: who staged it stopped
 * answering. owner: who staged it is gone. signal: the deadman was told to end. deadman: the deadman was gone.
 * recovery: found at a start. panic: `tunesmith panic`. refused: it could not be put in force. reboot: the boot is over.
 */
export const END_REASONS = [
  'asked',
  'guardrail',
  'ejected',
  'ttl',
  'lease',
  'owner',
  'signal',
  'deadman',
  'recovery',
  'panic',
  'refused',
  'reboot',
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** What one value of the kernel's became when its change was put back. */
export type ItemFate =
  | 'untouched' // not written yet
  | 'staged' // written by us
  | 'put back'
  | 'as before' // somebody had put it back already
  | 'foreign' // somebody else's value was found, and left
  | 'gone' // the file or the task is not there any more
  | 'stuck'; // the kernel refused it

/** One value of the kernel's that a change sets: a file's text, a task's slice (ns), or the policy in force. */
export interface Item {
  readonly knob: string;
  readonly kind: 'file' | 'slice' | 'policy';
  /** A path; `TID:START` with the task's start in clock ticks after boot; the number of a policy's enabling. */
  readonly place: string;
  /** As the kernel spells it. `own` for a slice: the task had none of its own. `none`: the kernel's own scheduler. */
  readonly before: string;
  readonly after: string;
}

/** An item, and what became of it. */
export interface SettledItem extends Item {
  readonly fate: ItemFate;
  /** With `foreign`, the value that was found; with `stuck`, the kernel's answer. */
  readonly found?: string | undefined;
}

/** Figures for the guardrails of a staged change: those of the last second or so. */
export type MetricsSource = () => Metrics | Promise<Metrics>;

/**
 * What a tuner remembers of the tasks of its scope from one change to the next. A list of a change is whole without it:
 * it only says what this process alone can know.
 */
export interface TaskMemory {
  /** Tasks that were in the scope: a tree's stay in it, with what they start, when their parent has ended. */
  readonly known: readonly Task[];
  /** `TID:START` of tasks that somebody else has set: never touched again. */
  readonly left: ReadonlySet<string>;
  /** Slices (ns) that were set here before, and since when (clock ticks after boot): a younger task inherited them. */
  readonly tried: ReadonlySet<number>;
  readonly since: number;
}

export interface StageRequest {
  /** In each knob's unit. */
  readonly values: KnobValues;
  /** `machine` (default), `pid:N[,N…]`, `tree:PID`, `cgroup:/PATH` or `cpus:LIST`. */
  readonly scope?: string | undefined;
  /** How long it stays in force unless it is committed, ms; 1 s to a day, one minute unless said. */
  readonly ttlMs?: number | undefined;
  /** The same key of the same caller gives the same change again instead of another. */
  readonly idempotencyKey?: string | undefined;
  /** Who asks: only they may commit or revert with the token. */
  readonly caller: string;
  readonly reason?: string | undefined;
  /** Judged each second while it is staged; a breach puts it back at once. Need `metrics`. */
  readonly guardrails?: readonly Guardrail[] | undefined;
  readonly metrics?: MetricsSource | undefined;
  /** With `slice_ns`. */
  readonly tasks?: TaskMemory | undefined;
}

/** A change as everybody may see it: it holds no token. */
export interface Change {
  /** `c12`: names it in lists, in the ledger and to an operator. Gives no right to it. */
  readonly id: string;
  readonly state: ChangeState;
  readonly caller: string;
  readonly scope: string;
  /** The sched_ext policy it puts in force; null for a change of knobs. */
  readonly policy: string | null;
  /** Former values in each knob's unit; of a scope of several tasks the commonest. */
  readonly before: KnobValues;
  readonly after: KnobValues;
  readonly items: readonly SettledItem[];
  readonly reason: string | null;
  /** Wall clock, for people. Time to live is counted on CLOCK_BOOTTIME. */
  readonly stagedAt: string;
  readonly ttlMs: number;
  /** While it is staged; 0 otherwise. */
  readonly remainingMs: number;
  readonly endedAt: string | null;
  readonly endReason: EndReason | null;
  /** Sentences with figures: what breached, what was found to be somebody else's, what could not be put back. */
  readonly notes: readonly string[];
}

/** A sched_ext policy to put in force for a while, compiled for this kernel. */
export interface PolicyRequest extends Omit<StageRequest, 'values' | 'scope'> {
  /** The object file's bytes. */
  readonly object: Buffer;
  /** Global variables set before the load. */
  readonly tunables?: Readonly<Record<string, number>> | undefined;
  /** The longest a task may wait before the kernel ejects the policy, ms, 100 to 30000; default 3000. */
  readonly timeoutMs?: number | undefined;
}

/** What staging gives: the change, and the token that commits or reverts it. */
export interface Staged {
  readonly change: Change;
  /** `chg_…`: whoever has it and is the caller who staged may commit or revert. Tokens cannot be guessed or made up. */
  readonly token: string;
  /** Remarks of the knobs' own checks that did not stop it. */
  readonly warnings: readonly string[];
  /** It is one that was staged before under the same idempotency key. */
  readonly repeated: boolean;
}

/** Told as it happens; the ledger's records of changes are made of these. */
export interface ChangeEvent {
  readonly what: 'staged' | 'committed' | 'ended' | 'renewed';
  readonly change: Change;
  /** With a breach: the figures that were judged, and what they were judged by. */
  readonly judged?: Judged | undefined;
}

export interface Judged {
  readonly guardrails: readonly Guardrail[];
  readonly metrics: Metrics;
  readonly baseline: Metrics;
  readonly breaches: readonly string[];
}

/** Who is asking to commit or revert: the token's own caller, or an operator of the machine with a token or an id. */
export type Asker = { readonly caller: string } | { readonly operator: string };

/** Transactions over the knobs of this machine, as faces and rules use them; `Transactions` is the real one. */
export interface ChangeService {
  /**
   * Puts values in force for a while. Returns when they are, each read back from the kernel.
   * @throws TunesmithError usage for a bad request (unknown knob, out of range, bad scope or TTL, a reused idempotency
   * key), rejected when another staged change has the same knob and scope (its id is named) or somebody changed the
   * value meanwhile, incapable when the kernel or the journal refuses; nothing is in force then
   */
  stage(request: StageRequest): Staged;
  /**
   * Keeps a staged change for good. Each value is read first: one that is not what was staged is somebody else's, and
   * the change is then refused, and stays staged.
   * @param options `force`: keep what is in force, whosever it is; the change's notes say which values are not its own
   * @throws TunesmithError usage for a token that is none of ours, rejected for one that is not the asker's, whose
   * change is staged no longer (the message says what became of it), or whose values are not in force
   */
  commit(tokenOrId: string, asker: Asker, options?: { readonly force?: boolean }): Change;
  /**
   * Puts a staged or committed change back. What somebody else changed meanwhile is left and told in the items' fates.
   * @throws TunesmithError as `commit`
   */
  revert(tokenOrId: string, asker: Asker, why?: string): Change;
  /**
   * Puts a policy in force for a while: the deadman holds its links, so that its death ejects it.
   * @throws TunesmithError as `stage`; incapable without sched_ext, privilege or libbpf, or while another policy is in
   * force; rejected with the verifier's or the kernel's words, or while the policy's breaker is open
   */
  stagePolicy(request: PolicyRequest): Promise<Staged>;
  /** Has the kernel verify a policy, and puts nothing in force. @throws as `stagePolicy` */
  previewPolicy(request: PolicyRequest): Preview;
  /** Gives a staged change so much time from now. @throws TunesmithError as `commit` */
  renew(tokenOrId: string, asker: Asker, ttlMs: number): Change;
  /** The change a token or an id names. @throws TunesmithError (usage) when there is none */
  find(tokenOrId: string): Change;
  /** Newest first, of everybody. */
  list(options?: { readonly states?: readonly ChangeState[]; readonly limit?: number }): readonly Change[];
  /** What would be staged, checked like `stage`, with nothing journalled and nothing written. @throws as `stage` */
  preview(request: StageRequest): Preview;
  /** Puts back what this process has staged, and ends its deadman. Safe to call twice. */
  close(): void;
}

export interface Preview {
  readonly scope: string;
  readonly before: KnobValues;
  readonly after: KnobValues;
  readonly items: readonly Item[];
  readonly warnings: readonly string[];
}
