import { setTimeout as sleep } from 'node:timers/promises';
import { plainChange } from '../change/plain.js';
import type { Transactions } from '../change/transactions.js';
import type { Staged } from '../change/types.js';
import { EXIT } from '../errors.js';
import { changeLine, changeText } from './describe-change.js';
import type { Output } from './output.js';
import { stopSignal } from './signals.js';

/** Prints the token, then stays until the change is over: what is staged never outlives this process. */
export async function hold(
  changes: Transactions,
  { change, token, warnings, repeated }: Staged,
  out: Output,
): Promise<void> {
  const stop = stopSignal(out.note);
  for (const warning of warnings) out.note(`note: ${warning}`);
  const plain = plainChange(change);
  const body = { schema: 'tunesmith.staged/1', change: plain, token, warnings: [...warnings], repeated };
  out.result(body, `${changeText(change)}\ntoken ${token}`);
  if (repeated) return;
  out.note(`commit it with: tunesmith change commit ${token}`);
  let now = change;
  while (now.state === 'staged' && !stop.aborted) {
    await sleep(200, undefined, { signal: stop }).catch(() => {});
    now = changes.find(change.id);
    if (now.state === 'staged') [now = now] = changes.list().filter(({ id }) => id === change.id);
  }
  if (now.state === 'staged') now = changes.revert(token, { caller: change.caller }, 'interrupted');
  out.note([changeLine(now), ...now.notes.map((note) => `  ${note}`)].join('\n'));
  if (now.state !== 'committed') process.exitCode = EXIT.rejected;
}
