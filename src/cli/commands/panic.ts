import { Command } from 'commander';
import { sweep } from '../../change/deadman.js';
import { elsewhereText, type OtherJournal, otherJournals } from '../../change/elsewhere.js';
import { changeDir } from '../../change/options.js';
import type { Change } from '../../change/types.js';
import { EXIT, messageOf, TunesmithError } from '../../errors.js';
import { assertOwnDir, isAt } from '../../state/own.js';
import { recordLater } from '../later.js';
import { makeOutput, type Output } from '../output.js';

/** The kernel's values first, and by the deadman alone; the journal and the ledger are brought up to it afterwards. */
async function panic(flags: { json?: boolean }): Promise<void> {
  const out = makeOutput(flags.json ?? false);
  const here = ownJournal();
  const { done, lines } = here ? sweep('panic', changeDir()) : { done: true, lines: [] };
  // Where nothing was put back the journal has nothing to be brought up to; whoever looks next settles the rest.
  const changes = lines.length > 0 ? await settled(out, done) : [];
  const elsewhere = otherJournals();
  out.result(
    { schema: 'tunesmith.panic/1', done, lines, changes, elsewhere },
    [
      lines.length === 0 ? nothing(elsewhere) : lines.join('\n'),
      ...(await notesOf(changes)),
      ...elsewhere.map((other) => elsewhereText(other, 'panic')),
    ].join('\n'),
  );
  if (elsewhere.some(({ open }) => open === null)) process.exitCode = EXIT.incapable;
  else if (!done || elsewhere.length > 0) process.exitCode = EXIT.rejected;
}

/** Whether there is a journal here. @throws TunesmithError (incapable) when it is not ours to read */
function ownJournal(): boolean {
  try {
    const dir = changeDir();
    if (!isAt(dir)) return false;
    assertOwnDir(dir);
    return true;
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    throw new TunesmithError('incapable', `nothing was put back: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}

const nothing = (elsewhere: readonly OtherJournal[]): string =>
  elsewhere.length === 0
    ? 'there was nothing to put back'
    : 'there was nothing to put back in this journal; that is not the whole machine:';

/** What needs neither a database nor a schema is not loaded until everything is back: a panic must start at once. */
async function settled(out: Output, done: boolean): Promise<readonly Change[]> {
  try {
    const { Transactions } = await import('../../change/transactions.js');
    const record = recordLater();
    using changes = new Transactions({ onEvent: record.onEvent });
    await record.write();
    return changes.recovered;
  } catch (error) {
    out.note(
      `${done ? 'everything of this journal is back' : 'not everything is back'}, and that could not be recorded: ${messageOf(error)}`,
    );
    return [];
  }
}

async function notesOf(changes: readonly Change[]): Promise<string[]> {
  const told = changes.filter(({ notes }) => notes.length > 0);
  if (told.length === 0) return [];
  const { changeText } = await import('../describe-change.js');
  return told.map(changeText);
}

export const panicCommand = (): Command =>
  new Command('panic').option('--json', 'print one JSON object').action(panic);
