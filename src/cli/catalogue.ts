import type { Command } from 'commander';

/** A command: what the help says of it, and its module, loaded when it is asked for. */
interface Entry {
  readonly about: string;
  readonly load: () => Promise<Command>;
}

/** `observe` should not carry the lab in its memory, nor `panic` wait for a schema library. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  doctor: {
    about: 'what this machine can do, each row with how to fix it',
    load: async () => (await import('./commands/doctor.js')).doctorCommand(),
  },
  observe: {
    about: 'run-queue latency, slices and switches of every task, live; needs CAP_BPF and CAP_PERFMON',
    load: async () => (await import('./commands/observe.js')).observeCommand(),
  },
  lab: {
    about: 'the bit-exact lab',
    load: async () => (await import('./commands/lab.js')).labCommand(),
  },
  tune: {
    about: 'the closed loop: measure, propose, check, apply, measure, keep or put back',
    load: async () => (await import('./commands/tune.js')).tuneCommand(),
  },
  change: {
    about: 'changes of this machine’s knobs, as transactions',
    load: async () => (await import('./commands/change.js')).changeCommand(),
  },
  panic: {
    about: 'puts everything back that was staged or committed here, now',
    load: async () => (await import('./commands/panic.js')).panicCommand(),
  },
  ledger: {
    about: 'the account of calls, decisions, measurements and reasons',
    load: async () => (await import('./commands/ledger.js')).ledgerCommand(),
  },
  synthesize: {
    about: 'searches for a sched_ext policy that beats EEVDF and the repository on a load',
    load: async () => (await import('./commands/synthesize/index.js')).synthesizeCommand(),
  },
  policy: {
    about: 'sched_ext policies: the repository, and what is in force',
    load: async () => (await import('./commands/policy/index.js')).policyCommand(),
  },
  start: {
    about: 'the main job: tune two real kernels under two loads, and report',
    load: async () => (await import('./commands/start.js')).startCommand(),
  },
  bench: {
    about: 'experiments that print the tables in docs/',
    load: async () => (await import('./commands/bench.js')).benchCommand(),
  },
  rules: {
    about: 'the rules that say who may do what',
    load: async () => (await import('./commands/rules.js')).rulesCommand(),
  },
  approve: {
    about: 'answer what a caller asked: let one call through, or not',
    load: async () => (await import('./commands/approve.js')).approveCommand(),
  },
  mcp: {
    about: 'the MCP server, on standard input and output unless --http is given',
    load: async () => (await import('./commands/mcp.js')).mcpCommand(),
  },
  schema: {
    about: 'the JSON Schema of what a command prints with --json, or of a rules file',
    load: async () => (await import('./commands/schema.js')).schemaCommand(),
  },
};
