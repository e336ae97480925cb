import { TunesmithError } from '../errors.js';
import type { Item } from './types.js';

/**
 * Why nothing is in force, from the deadman's answer to `stage`.
 * @param answer null: it died over it
 */
export function refusal(items: readonly Item[], answer: readonly string[] | null): TunesmithError {
  const [verdict, first = '', what = '', found = ''] = answer ?? [];
  const item = verdict === 'failed' ? items[Number(first)] : undefined;
  if (item) return refused(item, what, found);
  const text = answer ? `the undo list cannot be written: ${first}` : 'the deadman died';
  return new TunesmithError('incapable', `${text}; nothing is in force`, {
    hint: 'make room where XDG_STATE_HOME lies, or try again',
  });
}

function refused({ knob, place, before, after }: Item, what: string, found: string): TunesmithError {
  const where = `${knob} (${place})`;
  const error = (code: 'rejected' | 'incapable', text: string, hint: string) =>
    new TunesmithError(code, `${where} ${text}; nothing is in force`, { hint });
  if (what === 'foreign')
    return error(
      'rejected',
      `was changed by somebody else, from ${before} to ${found}`,
      'find out who writes it',
    );
  if (what === 'kept')
    return error('incapable', `holds ${found} after ${after} was written`, 'choose another value');
  if (what === 'gone') return error('incapable', 'is not there any more', 'see `tunesmith doctor`');
  return error('incapable', `cannot be written: ${what}`, 'see `tunesmith doctor`');
}
