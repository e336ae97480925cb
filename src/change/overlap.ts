import { TunesmithError } from '../errors.js';
import type { Plan } from './items.js';
import type { Journal, Row } from './journal.js';
import { changeOf } from './view.js';

const shares = ({ claims }: Row, mine: ReadonlySet<string>): boolean =>
  (JSON.parse(claims) as string[]).some((claim) => mine.has(claim));

/** A staged change that has one of the plan's values. */
export function overlapping(journal: Journal, { touches }: Plan): Row | undefined {
  const mine = new Set(touches);
  return journal.inStates(['staged']).find((row) => shares(row, mine));
}

/** @throws TunesmithError (rejected) when another staged change has one of these values: its id and time are named */
export function assertFree(journal: Journal, plan: Plan): void {
  const other = overlapping(journal, plan);
  if (!other) return;
  const knobs = [...new Set(plan.items.map(({ knob }) => knob))].join(', ');
  const { id, caller, remainingMs } = changeOf(other);
  const left = Math.ceil(remainingMs / 1000);
  throw new TunesmithError('rejected', `${knobs}: ${id} of ${caller} is staged on the same, ${left} s left`, {
    hint: `stage again when ${id} is committed, reverted or expired; nothing is queued`,
  });
}

/** @throws TunesmithError (rejected) when a later change rests on what is to be put back */
export function assertLast(journal: Journal, row: Row): void {
  const mine = new Set(JSON.parse(row.claims) as string[]);
  const later = journal.openAfter(row.n).findLast((other) => shares(other, mine));
  if (!later) return;
  const { id, state } = changeOf(later);
  throw new TunesmithError('rejected', `${id} was ${state} later on the same knob`, {
    hint: `revert ${id} first`,
  });
}
