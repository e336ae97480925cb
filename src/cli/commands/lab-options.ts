import type { Command } from 'commander';
import type { Arch } from '../../lab/arch.js';
import type { TrialRequest } from '../../lab/prepare.js';
import { MAX_CPUS } from '../../lab/shape.js';
import { parseCount, parseDuration, parsePositiveDuration } from '../../units.js';
import { workloadByName } from '../../workloads/index.js';
import { collect, pairs } from '../options.js';

/** Options that say which guest runs which load. */
export interface LabFlags {
  readonly kernel: string;
  readonly workload: string;
  readonly arch: string;
  readonly cpus: string;
  readonly sockets: string;
  readonly threads: string;
  readonly nodes: string;
  readonly memory?: string;
  readonly param: string[];
  readonly seed: string;
  readonly window?: string;
  readonly warmup?: string;
  readonly fresh?: boolean;
  readonly json?: boolean;
}

export const withLabFlags = (command: Command): Command =>
  command
    .option(
      '--kernel <spec>',
      'cfs, eevdf, scx, newest, a version such as 6.18, or the path of a vmlinuz',
      'eevdf',
    )
    .requiredOption('--workload <name>', 'wakeup, mixed, hackbench, forkstorm, stressors, pgbench or idle')
    .option('--arch <name>', 'x64, or arm64, whose emulated CPUs have a PMU (cold boots only)', 'x64')
    .option('--cpus <n>', 'virtual CPUs', '2')
    .option('--sockets <n>', 'sockets among them', '1')
    .option('--threads <n>', 'threads of a core', '1')
    .option('--nodes <n>', 'NUMA nodes', '1')
    .option('--memory <mib>', 'guest memory in MiB (default: what the workload needs)')
    .option('--param <name=value>', 'a parameter of the workload; may be repeated', collect, [])
    .option('--seed <n>', 'seed of the load', '1')
    .option('--window <duration>', 'measured window, for example 500ms or 5s (default: the workload’s)')
    .option('--warmup <duration>', 'run before the window and not counted (default: the workload’s)')
    .option('--fresh', 'measure again even what the cache knows')
    .option('--json', 'print one JSON object');

/** Parameter values: whole numbers, or durations for those in ns. */
export function parametersFrom(flags: Pick<LabFlags, 'workload' | 'param'>): Record<string, number> {
  const known = workloadByName(flags.workload).parameters;
  return Object.fromEntries(
    pairs(flags.param, '--param').map(([name, text]) => {
      const isDuration = known[name]?.unit === 'ns' && !/^\d+$/.test(text);
      const value = isDuration
        ? parseDuration(text, `--param ${name}`)
        : parseCount(text, `--param ${name}`, 0, Number.MAX_SAFE_INTEGER);
      return [name, value];
    }),
  );
}

/** The request the flags stand for. @throws TunesmithError (usage) naming the flag. */
export const requestFrom = (flags: LabFlags): TrialRequest => ({
  kernel: flags.kernel,
  workload: flags.workload,
  parameters: parametersFrom(flags),
  arch: flags.arch as Arch, // machineShape says which there are
  cpus: parseCount(flags.cpus, '--cpus', 1, MAX_CPUS),
  sockets: parseCount(flags.sockets, '--sockets', 1, MAX_CPUS),
  threads: parseCount(flags.threads, '--threads', 1, 8),
  nodes: parseCount(flags.nodes, '--nodes', 1, 16),
  seed: parseCount(flags.seed, '--seed', 0, 2 ** 31 - 1),
  ...(flags.memory === undefined ? {} : { memoryMib: parseCount(flags.memory, '--memory', 128, 16384) }),
  ...(flags.window === undefined ? {} : { windowNs: parsePositiveDuration(flags.window, '--window') }),
  ...(flags.warmup === undefined ? {} : { warmupNs: parseDuration(flags.warmup, '--warmup') }),
});
