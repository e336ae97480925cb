/** Why a policy ended, in the kernel’s numbers (enum scx_exit_kind) and words. */
export interface PolicyExit {
  readonly kind: number;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  /** Its own record, or the kernel’s log when it keeps none. */
  readonly source: 'record' | 'kernel-log';
}

/** `runtime error (kind 1024): its message`, as far as it is known. */
export function endOf(exit: PolicyExit | null): string {
  if (!exit) return 'it left no reason';
  return `${exit.reason} (kind ${exit.kind})${exit.message ? `: ${exit.message}` : ''}`;
}

/** enum scx_exit_kind: unregistered by a call of the policy's own, or by the kernel. */
const UNREGISTERED: readonly number[] = [65, 66];
/** enum scx_exit_code, SCX_ECODE_ACT_RESTART: whoever loaded the policy is asked to load it again. */
const ACT_RESTART = 2 ** 48;

/**
 * Whether a policy has ended to be started again, because a CPU came or went: the kernel's own offer to one without
 * cpu_online and cpu_offline, and what one that has them may ask for itself. Of one that keeps no exit record the kernel's
 * log tells the kind and no code.
 */
export const asksForRestart = ({ exit }: { readonly exit: PolicyExit | null }): boolean =>
  exit !== null &&
  UNREGISTERED.includes(exit.kind) &&
  (exit.source === 'kernel-log' || Math.floor(exit.code / ACT_RESTART) % 2 === 1);

/** Why a policy that was in force is not any more; what it asked for itself is no fault. */
export const goneBy = (status: { readonly name: string; readonly exit: PolicyExit | null }): string =>
  asksForRestart(status)
    ? `${status.name} asks to be started again: ${endOf(status.exit)}`
    : `the kernel ejected ${status.name}: ${endOf(status.exit)}`;
