import { Command } from 'commander';
import { EXIT } from '../../errors.js';
import { ledgerDir } from '../../ledger/files.js';
import { otlpLogs } from '../../ledger/otel.js';
import { readLedger, type Wanted } from '../../ledger/read.js';
import type { LedgerRecord } from '../../ledger/record.js';
import { verifyLedger } from '../../ledger/verify.js';
import { replayLedger } from '../../loop/replay.js';
import { oneLine } from '../../shown.js';
import { assertOwnDir, isAt } from '../../state/own.js';
import { stateDir } from '../../state.js';
import { parseCount } from '../../units.js';
import { makeOutput } from '../output.js';

interface Flags {
  readonly dir?: string;
  readonly kind?: string;
  readonly run?: string;
  readonly change?: string;
  readonly caller?: string;
  readonly last?: string;
  readonly json?: boolean;
}

/** The directory that was named, or ours, which is read only if nobody else can have written it. */
function dirOf({ dir }: Pick<Flags, 'dir'>): string {
  if (dir !== undefined) return dir;
  const own = ledgerDir();
  for (const path of [stateDir(), own]) if (isAt(path)) assertOwnDir(path);
  return own;
}

const wantedBy = ({ kind, run, change, caller, last }: Flags): Wanted => ({
  ...{ kind, run, change, caller },
  last: last === undefined ? undefined : parseCount(last, '--last', 1, 1_000_000),
});

/** "17 2026-01-31T… change c3 committed by operator:root: why". */
function recordLine({ seq, at, kind, change, decision, caller, reasons = [] }: LedgerRecord): string {
  const head = [seq, at, kind, change, decision].filter((part) => part !== undefined).join(' ');
  return oneLine(
    `${head}${caller === undefined ? '' : ` by ${caller}`}${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`,
    4000,
  );
}

function show(flags: Flags): void {
  const records = readLedger(dirOf(flags), wantedBy(flags));
  const text = records.length === 0 ? 'no record' : records.map(recordLine).join('\n');
  makeOutput(flags.json ?? false).result({ schema: 'tunesmith.ledger/1', records }, text);
}

function verify(flags: Flags): void {
  const found = verifyLedger(dirOf(flags));
  const count = `${found.records} records in ${found.files} files`;
  const verdict = found.ok ? `${count}, the chain is whole` : `${count}, the chain is broken`;
  const text = [verdict, ...found.problems, ...found.notes, `head ${found.head}`].join('\n');
  makeOutput(flags.json ?? false).result({ schema: 'tunesmith.ledger.verify/1', ...found }, text);
  if (!found.ok) process.exitCode = EXIT.rejected;
}

async function replay(flags: Flags): Promise<void> {
  const report = await replayLedger(readLedger(dirOf(flags), wantedBy(flags)));
  const { decisions, runs, first } = report;
  const made = `${decisions} decisions made again, ${runs} runs of the loop among them`;
  const text = first
    ? [
        `${made}; the first that comes out otherwise is record ${first.seq}, ${first.what}`,
        `  recorded: ${JSON.stringify(first.recorded)}`,
        `  replayed: ${JSON.stringify(first.replayed)}`,
      ].join('\n')
    : `${made}; all come out the same`;
  makeOutput(flags.json ?? false).result({ schema: 'tunesmith.ledger.replay/1', ...report }, text);
  if (first) process.exitCode = EXIT.rejected;
}

function exportLogs(flags: Flags): void {
  process.stdout.write(`${JSON.stringify(otlpLogs(readLedger(dirOf(flags), wantedBy(flags))))}\n`);
}

const withFilters = (command: Command): Command =>
  command
    .option('--dir <path>', 'where the ledger lies (default: in the state directory)')
    .option('--kind <name>', 'only records of this kind')
    .option('--run <id>', 'only records of this run')
    .option('--change <id>', 'only records of this change')
    .option('--caller <name>', 'only records of this caller')
    .option('--last <n>', 'only the last so many');

export function ledgerCommand(): Command {
  const command = new Command('ledger');
  withFilters(command.command('show'))
    .description('its records')
    .option('--json', 'print one JSON object')
    .action(show);
  command
    .command('verify')
    .description('finds any record that was changed, removed or reordered')
    .option('--dir <path>', 'where the ledger lies (default: in the state directory)')
    .option('--json', 'print one JSON object')
    .action(verify);
  withFilters(command.command('replay'))
    .description('makes the recorded decisions again from the recorded measurements')
    .option('--json', 'print one JSON object')
    .action(replay);
  withFilters(command.command('export'))
    .description('as OpenTelemetry logs (OTLP/JSON), for a collector’s /v1/logs')
    .action(exportLogs);
  return command;
}
