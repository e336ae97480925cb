import { loadAddon } from '../../native.js';
import type { PolicyExit } from '../../policies/status.js';

declare const policyTag: unique symbol;
/** A policy that the native half has open. */
export interface PolicyHandle {
  readonly [policyTag]: true;
}

/** A global variable of a policy that holds a whole number; a boolean is 0 or 1. */
export interface PolicyVariable {
  readonly name: string;
  /** As C spells it: u64, s32, bool. */
  readonly type: string;
  /** Settable before the load only. */
  readonly constant: boolean;
  readonly value: number;
}

/** What the verifier counted of a program. */
export interface ProgramCost {
  readonly name: string;
  readonly insns: number;
  readonly states: number;
  readonly peak_states: number;
}

/** What the kernel says of sched_ext. */
export interface ScxState {
  readonly supported: boolean;
  /** enabling, enabled, disabling or disabled; empty when the kernel has no sched_ext. */
  readonly state: string;
  /** The name of the policy in force, whoever’s it is; else empty. */
  readonly ops: string;
  readonly switch_all: boolean;
  /** Tasks kept out by policies since boot. */
  readonly rejected: number;
  /** SCX_EV_* of the policy in force; empty before Linux 6.15. */
  readonly events: Readonly<Record<string, number>>;
}

export interface PolicyStatus extends ScxState {
  readonly name: string;
  /** Attached by us and not detached; it may have been ejected meanwhile. */
  readonly attached: boolean;
  /** The kernel runs this very policy. */
  readonly enabled: boolean;
  /** The policy’s global variables that are no constants: its counters and live tunables. */
  readonly figures: Readonly<Record<string, number>>;
  readonly exit: PolicyExit | null;
}

export interface NativeLoad {
  readonly errno: number;
  readonly name: string;
  readonly program: string;
  readonly messages: string;
  readonly log: string;
  readonly programs: readonly ProgramCost[];
  readonly declaredTimeoutMs: number;
  readonly timeoutMs: number;
  readonly absent: readonly string[];
}

/** The addon’s part of policies, as native/addon/policy.cc exports it. Every call is synchronous. */
export interface PolicyAddon {
  openPolicy(object: Buffer, timeoutMs: number): PolicyHandle;
  policyVariables(policy: PolicyHandle): PolicyVariable[];
  setPolicyVariable(policy: PolicyHandle, name: string, value: number): void;
  loadPolicy(policy: PolicyHandle): NativeLoad;
  attachPolicy(policy: PolicyHandle): number;
  policyStatus(policy: PolicyHandle): PolicyStatus;
  policyLinks(policy: PolicyHandle): number[];
  detachPolicy(policy: PolicyHandle): void;
  closePolicy(policy: PolicyHandle): void;
  readScx(): ScxState;
}

let loaded: PolicyAddon | undefined;

/** @throws TunesmithError (incapable) when the addon is not built. */
export function policyAddon(): PolicyAddon {
  loaded ??= loadAddon<PolicyAddon>();
  return loaded;
}
