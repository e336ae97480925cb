import type { Command } from 'commander';
import type { HostCase } from '../../bench/host-case.js';
import { usageError } from '../../errors.js';
import { type LabFlags, requestFrom } from './lab-options.js';

/** Options that say what a lab guest is to be, or how to make many of it: a host is what it is, and one. */
const LAB_ONLY = ['kernel', 'cpus', 'sockets', 'threads', 'nodes', 'memory', 'arch', 'fresh', 'rivals'];

export type HostRequest = Pick<
  HostCase,
  'workload' | 'parameters' | 'seed' | 'windowNs' | 'warmupNs' | 'scope' | 'force'
>;

/** What the flags ask of this machine. @throws TunesmithError (usage) for flags that only the lab has */
export function hostRequestFrom(
  flags: LabFlags & { readonly scope?: string; readonly force?: boolean },
  command: Command,
): HostRequest {
  const stranger = LAB_ONLY.find((name) => command.getOptionValueSource(name) === 'cli');
  if (stranger !== undefined)
    throw usageError(
      `--${stranger}`,
      command.getOptionValue(stranger),
      'goes with --target lab',
      'leave it out',
    );
  const { workload, parameters = {}, seed, windowNs, warmupNs } = requestFrom(flags);
  return { workload, parameters, seed, windowNs, warmupNs, scope: flags.scope ?? 'load', force: flags.force };
}
