import { TunesmithError } from '../errors.js';
import type { DeadmanLinks } from './deadman-links.js';
import type { Journal, Row } from './journal.js';
import type { Item } from './types.js';
import { idOf } from './view.js';

/**
 * Asks a change's deadman to keep it; gives the answer, null when there is none any more.
 * @param force whether to keep what is in force though it is not what was staged: that is noted down
 * @throws TunesmithError (rejected) when it is not and must be
 */
export function commitThrough(
  links: DeadmanLinks,
  journal: Journal,
  row: Row,
  force: boolean,
): readonly string[] | null {
  const id = idOf(row.n);
  const answer = links.ask(row.deadman, 'commit', id);
  if (answer?.[0] !== 'differs') return answer;
  const text = difference(id, JSON.parse(row.items) as Item[], answer);
  if (!force) throw notInForce(text);
  journal.note(row.n, [...(JSON.parse(row.notes) as string[]), `committed all the same: ${text}`]);
  return links.ask(row.deadman, 'commit', id, 'force');
}

/** What the deadman found instead of what was staged: `differs <tab> INDEX <tab> WHAT <tab> FOUND <tab> HOW-MANY`. */
function difference(
  id: string,
  items: readonly Item[],
  [, index = '', what = '', found = '', count = '1']: readonly string[],
): string {
  const { knob, kind, place, after } = items[Number(index)] as Item;
  const where = kind === 'slice' ? `${knob} of task ${place.split(':')[0]}` : `${knob} (${place})`;
  const others = Number(count) > 1 ? `; so are ${Number(count) - 1} more of its values` : '';
  return what === 'gone'
    ? `${id}: ${where} is gone${found === '' ? '' : ` (${found})`}${others}`
    : `${id}: ${where} is ${found} and not the ${after} that was staged: somebody else changed it${others}`;
}

const notInForce = (text: string): TunesmithError =>
  new TunesmithError('rejected', `${text}; nothing is committed, and the change is still staged`, {
    hint: 'find out who writes it, then revert the change and stage it again; or commit with --force at the command line, and what is in force now stays',
  });
