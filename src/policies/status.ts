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
