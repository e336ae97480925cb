import type { Change } from '../change/types.js';
import { whatBecame } from '../change/view.js';
import { describeSettings } from '../knobs/format.js';
import { oneLine } from '../shown.js';

/** "c12 is committed", "c12 is staged, 42 s left". */
export const changeLine = (change: Change): string =>
  change.state === 'staged'
    ? `${change.id} is staged, ${Math.ceil(change.remainingMs / 1000)} s left`
    : whatBecame(change);

/** A change on a few lines. */
export function changeText(change: Change): string {
  const { scope, caller, before, after, reason, notes } = change;
  const of = `by ${caller}${scope === 'machine' ? '' : `, for ${scope}`}${reason === null ? '' : `: ${reason}`}`;
  return [
    `${changeLine(change)} (${of})`,
    `  ${describeSettings(after)} (before: ${describeSettings(before)})`,
    ...notes.map((note) => `  ${note}`),
  ]
    .map((line) => oneLine(line, 4000))
    .join('\n');
}

export const listText = (changes: readonly Change[], all: boolean): string =>
  changes.length === 0
    ? all
      ? 'no change was ever staged here'
      : 'nothing is staged or committed'
    : changes.map(changeText).join('\n');
