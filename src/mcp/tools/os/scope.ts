import { z } from 'zod';
import { usageError } from '../../../errors.js';

/** Whose scheduling a change is for. */
export const scopeSchema = z
  .strictObject({
    cpus: z.array(z.int().min(0).max(8191)).min(1).max(1024).optional().describe('CPU numbers'),
    cgroup: z.string().startsWith('/').max(1024).optional().describe('as /proc/PID/cgroup shows it'),
    pids: z
      .array(z.int().min(1).max(4_194_304))
      .min(1)
      .max(64)
      .optional()
      .describe('processes with their threads'),
    tree: z.int().min(1).max(4_194_304).optional().describe('a process and its descendants'),
  })
  .describe('one of these; the whole machine when it is left out');

/** Numbers as the kernel lists them: 0-3,8. */
function listed(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const n of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && n === last[1] + 1) last[1] = n;
    else ranges.push([n, n]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

/** A scope as `--scope` spells it. @throws TunesmithError (usage) for none or several at once */
export function scopeText(scope: z.output<typeof scopeSchema> | undefined): string | undefined {
  if (scope === undefined) return undefined;
  const given = Object.entries(scope).filter(([, value]) => value !== undefined);
  if (given.length !== 1)
    throw usageError('scope', scope, 'must have one of cpus, cgroup, pids and tree', 'leave out the others');
  const { cpus, cgroup, pids, tree } = scope;
  if (cpus) return `cpus:${listed(cpus)}`;
  if (cgroup !== undefined) return `cgroup:${cgroup}`;
  if (pids) return `pid:${pids.join(',')}`;
  return `tree:${tree}`;
}
