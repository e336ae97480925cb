import { bootId, bootMs } from './boot.js';
import type { Row } from './journal.js';
import type { Change, ChangeState, EndReason, Item, ItemFate, SettledItem } from './types.js';

export const idOf = (n: number): string => `c${n}`;

/** A row as everybody may see it. @param now CLOCK_BOOTTIME, ms; asked for when it is needed */
export function changeOf(row: Row, now?: number): Change {
  const items = JSON.parse(row.items) as (Item & Partial<SettledItem>)[];
  const open: ItemFate = 'staged';
  const policy = items.find(({ kind }) => kind === 'policy');
  return {
    id: idOf(row.n),
    state: row.state as ChangeState,
    caller: row.caller,
    scope: row.scope,
    policy: policy?.after ?? null,
    before: JSON.parse(row.before),
    after: JSON.parse(row.after),
    items: items.map((item) => ({ ...item, fate: item.fate ?? open })),
    reason: row.reason,
    stagedAt: row.staged_at,
    ttlMs: row.ttl_ms,
    remainingMs:
      row.state === 'staged' && row.boot === bootId() ? Math.max(0, row.deadline_ms - (now ?? bootMs())) : 0,
    endedAt: row.ended_at,
    endReason: row.end_reason as EndReason | null,
    notes: JSON.parse(row.notes),
  };
}

const WHY: Readonly<Record<EndReason, string>> = {
  asked: 'somebody asked for it',
  guardrail: 'a guardrail was breached',
  ejected: 'the kernel ejected the policy',
  ttl: 'its time ran out',
  lease: 'who staged it stopped answering',
  owner: 'who staged it is gone',
  signal: 'its deadman was told to end',
  deadman: 'its deadman was gone',
  recovery: 'it was found left behind',
  panic: 'of a panic',
  refused: 'it could not be put in force',
  reboot: 'the machine was started anew',
};

/** "c12 expired because its time ran out". */
export const whatBecame = ({ id, state, endReason }: Change): string =>
  state === 'committed'
    ? `${id} is committed`
    : `${id} ${state === 'failed' || state === 'lapsed' ? state : `is ${state}`}${endReason ? ` because ${WHY[endReason]}` : ''}`;
