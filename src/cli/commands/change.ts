import { Command } from 'commander';
import { elsewhereText, otherJournals } from '../../change/elsewhere.js';
import { changeDir } from '../../change/options.js';
import { plainChange } from '../../change/plain.js';
import type { Change } from '../../change/types.js';
import { EXIT, type TunesmithError } from '../../errors.js';
import { sqliteFault } from '../../sqlite.js';
import { assertOwnDir, isAt } from '../../state/own.js';
import { changeText, listText } from '../describe-change.js';
import { examples } from '../examples.js';
import { HOST_KNOBS } from '../knob-names.js';
import { recordLater } from '../later.js';
import { operator } from '../operator.js';
import { collect, withStaging } from '../options.js';
import { makeOutput } from '../output.js';
import type { StageFlags } from './change-stage.js';

async function end(
  how: 'commit' | 'revert',
  name: string,
  flags: { json?: boolean; reason?: string; force?: boolean },
): Promise<void> {
  const { withChanges } = await import('../with-changes.js');
  const out = makeOutput(flags.json ?? false);
  const asker = { operator: operator() };
  const change = await withChanges((changes) =>
    how === 'commit'
      ? changes.commit(name, asker, { force: flags.force ?? false })
      : changes.revert(name, asker, flags.reason),
  );
  out.result(plainChange(change), changeText(change));
  if (change.notes.length > 0 && how === 'revert' && change.items.some(({ fate }) => fate === 'stuck'))
    process.exitCode = EXIT.rejected;
}

/** What this journal holds, its dead ends settled; nothing is made where there is none. */
async function listed(all: boolean): Promise<readonly Change[]> {
  const dir = changeDir();
  if (!isAt(dir)) {
    const fault: TunesmithError | null = sqliteFault();
    if (fault) throw fault;
    return [];
  }
  assertOwnDir(dir);
  if (!all && (await nothingOpen(dir))) return [];
  const { Transactions } = await import('../../change/transactions.js');
  const record = recordLater();
  using changes = new Transactions({ onEvent: record.onEvent });
  const found = changes.list(all ? {} : { states: ['staged', 'committed'] });
  await record.write();
  return found;
}

/** Whether a journal has nothing staged or committed: then nothing else has to be loaded to say so. */
async function nothingOpen(dir: string): Promise<boolean> {
  const { Journal } = await import('../../change/journal.js');
  const journal = new Journal(dir);
  try {
    return journal.inStates(['staged', 'committed'], 1).length === 0;
  } finally {
    journal.close();
  }
}

async function list(flags: { all?: boolean; json?: boolean }): Promise<void> {
  const out = makeOutput(flags.json ?? false);
  const all = flags.all ?? false;
  const changes = await listed(all);
  const elsewhere = otherJournals();
  out.result(
    { schema: 'tunesmith.changes/1', changes: changes.map(plainChange), elsewhere },
    [
      elsewhere.length > 0 && changes.length === 0
        ? 'nothing of this journal is in force; that is not the whole machine:'
        : listText(changes, all),
      ...elsewhere.map((other) => elsewhereText(other, 'change list')),
    ].join('\n'),
  );
  if (elsewhere.some(({ open }) => open === null)) process.exitCode = EXIT.incapable;
}

export function changeCommand(): Command {
  const command = new Command('change');
  command
    .command('list')
    .description('what is staged and committed')
    .option('--all', 'also what has ended')
    .option('--json', 'print one JSON object')
    .action(list);
  examples(
    withStaging(
      command
        .command('stage')
        .description(
          'puts values in force until the time is up, it is committed or reverted, or this command ends',
        )
        .option('--set <knob=value>', `a knob’s value; repeatable (${HOST_KNOBS})`, collect, [])
        .option('--scope <what>', 'machine (default), cpus:LIST, pid:N[,N], tree:PID or cgroup:/PATH')
        .option('--force', 'let --scope hold PID 1, kernel threads or Tunesmith itself'),
    )
      .option('--json', 'print one JSON object')
      .action(async (flags: StageFlags) => (await import('./change-stage.js')).stage(flags)),
    'tunesmith change stage --set slice_ns=300us --scope pid:1234 --ttl 30s',
    'tunesmith change stage --set base_slice_ns=3ms --guard runq_latency_p99_ns<=2x',
  );
  command
    .command('commit')
    .argument('<change>', 'token or id')
    .description('keeps a staged change for good')
    .option('--force', 'keep what is in force now, also where somebody else has changed it')
    .option('--json', 'print one JSON object')
    .action((name: string, flags: { json?: boolean; force?: boolean }) => end('commit', name, flags));
  command
    .command('revert')
    .argument('<change>', 'token or id')
    .description('puts a staged or committed change back')
    .option('--reason <text>', 'why, for the record')
    .option('--json', 'print one JSON object')
    .action((name: string, flags: { json?: boolean; reason?: string }) => end('revert', name, flags));
  return command;
}
