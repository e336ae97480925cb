#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EXIT } from '../errors.js';
import { reportError } from './output.js';

const program = new Command('tunesmith')
  .description('An expert in residence for the Linux scheduler.')
  .version('0.1.0');

/** Each command's module is loaded when it is asked for: `observe` should not carry the lab in its memory. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand(),
  observe: async () => (await import('./commands/observe.js')).observeCommand(),
  lab: async () => (await import('./commands/lab.js')).labCommand(),
  tune: async () => (await import('./commands/tune.js')).tuneCommand(),
  change: async () => (await import('./commands/change.js')).changeCommand(),
  panic: async () => (await import('./commands/panic.js')).panicCommand(),
  ledger: async () => (await import('./commands/ledger.js')).ledgerCommand(),
  synthesize: async () => (await import('./commands/synthesize/index.js')).synthesizeCommand(),
  policy: async () => (await import('./commands/policy/index.js')).policyCommand(),
  start: async () => (await import('./commands/start.js')).startCommand(),
  bench: async () => (await import('./commands/bench.js')).benchCommand(),
  rules: async () => (await import('./commands/rules.js')).rulesCommand(),
  approve: async () => (await import('./commands/approve.js')).approveCommand(),
  mcp: async () => (await import('./commands/mcp.js')).mcpCommand(),
  schema: async () => (await import('./commands/schema.js')).schemaCommand(),
};

const asked = process.argv[2] ?? '';
const load = Object.hasOwn(COMMANDS, asked) ? [COMMANDS[asked]] : Object.values(COMMANDS);
for (const command of load) if (command) program.addCommand(await command());

/** Commander's own complaints are thrown here, for subcommands too: a command that is added does not inherit it. */
function prepare(command: Command): void {
  command.exitOverride().showHelpAfterError('(add --help for what this command takes)');
  for (const option of command.options)
    if (Array.isArray(option.defaultValue)) option.defaultValueDescription = 'none';
  command.commands.forEach(prepare);
}
prepare(program);

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
