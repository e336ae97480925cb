import { TunesmithError, usageError } from '../errors.js';
import type { Journal, Row } from './journal.js';
import type { Asker, Change, ChangeState } from './types.js';
import { changeOf, idOf, whatBecame } from './view.js';

/** The row a token or an id names. @throws TunesmithError (usage) when there is none */
export function rowOf(journal: Journal, tokenOrId: string): Row {
  const n = /^c[1-9]\d{0,14}$/.test(tokenOrId) ? Number(tokenOrId.slice(1)) : journal.numberOf(tokenOrId);
  const row = journal.row(n);
  if (row) return row;
  throw usageError('change', idOf(n), 'is not known', 'tunesmith change list');
}

/**
 * The row somebody wants to end, in one of these states.
 * @throws TunesmithError usage for what gives no right, rejected for another's, or one that is over
 */
export function rowFor(
  journal: Journal,
  tokenOrId: string,
  asker: Asker,
  states: readonly ChangeState[],
): Row {
  const row = rowOf(journal, tokenOrId);
  const isToken = tokenOrId.startsWith('chg_');
  if ('caller' in asker && !isToken)
    throw usageError(
      'token',
      tokenOrId,
      'is an id, which gives no right to the change',
      'use the token from staging',
    );
  if ('caller' in asker && asker.caller !== row.caller) throw notYours(row);
  if (states.includes(row.state as ChangeState)) return row;
  throw isOver(changeOf(row));
}

export const isOver = (change: Change): TunesmithError =>
  new TunesmithError('rejected', whatBecame(change), { hint: 'stage it again' });

export const notYours = (row: Row): TunesmithError =>
  new TunesmithError('rejected', `${idOf(row.n)} was staged by another caller`, {
    hint: 'only who staged a change, or an operator of the machine, may end it',
  });
