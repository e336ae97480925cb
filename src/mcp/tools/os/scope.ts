import { z } from 'zod';
import { changeScopeText } from '../../../change/scope.js';
import { usageError } from '../../../errors.js';
import { canonicalScope } from '../../../host/scope-text.js';

/** One form before anything is compared, the digest of an approval included. */
const once = (numbers: number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);
const tidy = (path: string): string => canonicalScope(`cgroup:${path}`).slice('cgroup:'.length);

/** Whose scheduling a change is for. */
export const scopeSchema = z
  .strictObject({
    cpus: z
      .array(z.int().min(0).max(8191))
      .min(1)
      .max(1024)
      .overwrite(once)
      .optional()
      .describe('CPU numbers'),
    cgroup: z
      .string()
      .regex(/^\//)
      .max(1024)
      .overwrite(tidy)
      .optional()
      .describe('as /proc/PID/cgroup shows it'),
    pids: z
      .array(z.int().min(1).max(4_194_304))
      .min(1)
      .max(64)
      .overwrite(once)
      .optional()
      .describe('processes with their threads'),
    tree: z.int().min(1).max(4_194_304).optional().describe('a process and its descendants'),
  })
  .describe('one of these; the whole machine when it is left out');

/** A scope in its one spelling (`changeScopeText`). @throws TunesmithError (usage) for none or several at once */
export function scopeText(scope: z.output<typeof scopeSchema> | undefined): string | undefined {
  if (scope === undefined) return undefined;
  const given = Object.entries(scope).filter(([, value]) => value !== undefined);
  if (given.length !== 1)
    throw usageError('scope', scope, 'must have one of cpus, cgroup, pids and tree', 'leave out the others');
  const { cpus, cgroup, pids, tree } = scope;
  if (cpus) return changeScopeText(`cpus:${cpus.join()}`);
  if (cgroup !== undefined) return changeScopeText(`cgroup:${cgroup}`);
  if (pids) return changeScopeText(`pid:${pids.join()}`);
  return `tree:${tree}`;
}
