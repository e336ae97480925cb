import { usageError } from '../errors.js';
import { bootId, bootMs } from './boot.js';
import type { Plan } from './items.js';
import type { Journal, NewRow, Row } from './journal.js';
import { assertFree } from './overlap.js';
import type { CheckedRequest } from './request.js';
import { ownerId } from './settle.js';
import { taskClaim } from './slices.js';
import type { Staged } from './types.js';
import type { UndoFile } from './undo-file.js';
import { changeOf, idOf } from './view.js';

/** The journal's row of a change that is about to be staged. @throws TunesmithError (rejected) when another has a value */
export function newRow(journal: Journal, request: CheckedRequest, plan: Plan, deadman: number): NewRow {
  assertFree(journal, plan);
  return {
    caller: request.caller,
    scope: request.scope,
    key: request.idempotencyKey ?? null,
    request: request.hash,
    claims: JSON.stringify(plan.claims),
    reason: request.reason ?? null,
    items: JSON.stringify(plan.items),
    before: JSON.stringify(plan.before),
    after: JSON.stringify(request.values),
    boot: bootId(),
    owner: ownerId(),
    deadman,
    ttl_ms: request.ttlMs,
    staged_at: new Date().toISOString(),
    deadline_ms: bootMs() + request.ttlMs,
  };
}

/** What was staged before under the same idempotency key. @throws TunesmithError (usage) when it was something else */
export function knownUnder(
  journal: Journal,
  { caller, hash, idempotencyKey }: CheckedRequest,
): Staged | null {
  const row = idempotencyKey === undefined ? undefined : journal.byKey(caller, idempotencyKey);
  if (!row) return null;
  if (row.request !== hash)
    throw usageError(
      'idempotencyKey',
      idempotencyKey,
      `was used for ${idOf(row.n)}, which asked for something else`,
    );
  return { change: changeOf(row), token: journal.token(row.n), warnings: [], repeated: true };
}

/** The row with the tasks that the deadman has found in the scope beyond those that were asked for. */
export function withLate(row: Row, plan: Plan, undo: UndoFile | null): Pick<Row, 'items' | 'claims'> {
  const late = undo?.items.slice(plan.items.length) ?? [];
  const items = late.map(({ knob, kind, place, before, after }) => ({ knob, kind, place, before, after }));
  return {
    items: JSON.stringify([...plan.items, ...items]),
    claims: JSON.stringify([
      ...(JSON.parse(row.claims) as string[]),
      ...late.map(({ place }) => taskClaim(place)),
    ]),
  };
}
