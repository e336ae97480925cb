import { Command } from 'commander';
import { sweep } from '../../change/deadman.js';
import { changeDir } from '../../change/options.js';
import { recordIn } from '../../change/record.js';
import { plainChange } from '../../change/schema.js';
import { Transactions } from '../../change/transactions.js';
import type { Change } from '../../change/types.js';
import { EXIT, messageOf } from '../../errors.js';
import { Ledger } from '../../ledger/ledger.js';
import { changeText } from '../describe-change.js';
import { makeOutput, type Output } from '../output.js';

/** The kernel's values first, and by the deadman alone; the journal and the ledger are brought up to it afterwards. */
function panic(flags: { json?: boolean }): void {
  const out = makeOutput(flags.json ?? false);
  const { done, lines } = sweep('panic', changeDir());
  const changes = settled(out);
  const text = lines.length === 0 ? 'there was nothing to put back' : lines.join('\n');
  out.result(
    { schema: 'tunesmith.panic/1', done, lines, changes: changes.map(plainChange) },
    [text, ...changes.filter(({ notes }) => notes.length > 0).map(changeText)].join('\n'),
  );
  if (!done) process.exitCode = EXIT.rejected;
}

function settled(out: Output): readonly Change[] {
  try {
    using ledger = new Ledger();
    using changes = new Transactions({ onEvent: recordIn(ledger) });
    return changes.recovered;
  } catch (error) {
    out.note(`everything is back, and that could not be recorded: ${messageOf(error)}`);
    return [];
  }
}

export const panicCommand = (): Command =>
  new Command('panic')
    .description('puts everything back that was staged or committed here, now')
    .option('--json', 'print one JSON object')
    .action(panic);
