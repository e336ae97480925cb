#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EXIT } from '../errors.js';
import { guardStream } from '../shown.js';
import { COMMANDS } from './catalogue.js';
import { reportError } from './output.js';
import { guardOutput } from './stdout.js';

// Names, messages and output of others reach a terminal only through this.
guardStream(process.stdout);
guardStream(process.stderr);
// Node prints what nobody caught past the guard, raw.
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error: unknown) => process.exit(reportError(error, process.argv.includes('--json'))));

const program = new Command('tunesmith')
  .description('An expert in residence for the Linux scheduler.')
  .version('0.1.0')
  .addHelpText(
    'after',
    '\nFirst: tunesmith doctor. Then: tunesmith COMMAND --help; docs/cli.md is the whole contract.',
  );

/** The word that names a command: options of the program itself may stand before it, and `help` too. */
const asked = process.argv.slice(2).find((word) => word !== 'help' && !word.startsWith('-')) ?? '';

// Only the command that is asked for is loaded; of the others the help says a line.
for (const [name, { about, load }] of Object.entries(COMMANDS))
  program.addCommand((name === asked ? await load() : new Command(name)).description(about));

/** Commander's own complaints are thrown here, for subcommands too: a command that is added does not inherit it. */
function prepare(command: Command): void {
  command.exitOverride().showHelpAfterError('(add --help for what this command takes)');
  for (const option of command.options)
    if (Array.isArray(option.defaultValue)) option.defaultValueDescription = 'none';
  command.commands.forEach(prepare);
}
prepare(program);
guardOutput();

/** Commander ends by throwing; help and version are fine, everything else is wrong usage. */
function exitOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  return reportError(error, process.argv.includes('--json'));
}

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitOf(error);
}
