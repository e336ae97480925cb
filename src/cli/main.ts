#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EXIT } from '../errors.js';
import { benchCommand } from './commands/bench.js';
import { doctorCommand } from './commands/doctor.js';
import { labCommand } from './commands/lab.js';
import { observeCommand } from './commands/observe.js';
import { schemaCommand } from './commands/schema.js';
import { startCommand } from './commands/start.js';
import { tuneCommand } from './commands/tune.js';
import { reportError } from './output.js';

const program = new Command('tunesmith')
  .description('An expert in residence for the Linux scheduler.')
  .version('0.1.0');

for (const command of [
  doctorCommand,
  observeCommand,
  labCommand,
  tuneCommand,
  startCommand,
  benchCommand,
  schemaCommand,
])
  program.addCommand(command());

/** Commander's own complaints are thrown here, for subcommands too: a command that is added does not inherit it. */
function throwing(command: Command): void {
  command.exitOverride().showHelpAfterError('(add --help for what this command takes)');
  command.commands.forEach(throwing);
}
throwing(program);

// A reader that closes the pipe (`| head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});

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
