#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EXIT, TunesmithError } from '../errors.js';
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
  const choices = command.registeredArguments.flatMap((argument) =>
    argument.argChoices ? [`${argument.name()} is one of ${argument.argChoices.join(', ')}; `] : [],
  );
  command.exitOverride().showHelpAfterError(`(${choices.join('')}add --help for what this command takes)`);
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

/** Every command has options of its own; the program has --help and --version alone. */
function refuseEarlyOptions(): void {
  const words = process.argv.slice(2);
  const command = words.findIndex((word) => Object.hasOwn(COMMANDS, word));
  const [early = ''] = command > 0 ? words : [];
  if (!early.startsWith('-') || ['-h', '--help', '-V', '--version'].includes(early)) return;
  throw new TunesmithError('usage', `${early} stands before the command; options go after it`, {
    hint: `tunesmith ${words[command]} --help lists its options`,
  });
}

try {
  refuseEarlyOptions();
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitOf(error);
}
