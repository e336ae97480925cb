import { join } from 'node:path';
import { readText } from '../probes/files.js';
import { type Counts, rates, type Source } from './source.js';

const NAMES = {
  pgfault: 'page_faults_per_s',
  pgmajfault: 'major_faults_per_s',
  pswpin: 'swapped_in_per_s',
  pswpout: 'swapped_out_per_s',
  pgsteal: 'reclaimed_per_s',
  numa_pages_migrated: 'numa_migrated_per_s',
};
/** Who takes pages back; each kernel has some of them. */
const STEALERS = ['pgsteal_kswapd', 'pgsteal_direct', 'pgsteal_khugepaged', 'pgsteal_proactive'];

/** /proc/vmstat as counters, by the kernel's names; `pgsteal` is the sum of its parts. */
export function parseVmstat(text: string): Counts | null {
  const all = new Map([...text.matchAll(/^(\w+) (\d+)$/gm)].map((m) => [m[1] as string, Number(m[2])]));
  if (!all.has('pgfault')) return null;
  const stealers = STEALERS.filter((name) => all.has(name));
  if (stealers.length > 0)
    all.set(
      'pgsteal',
      stealers.reduce((sum, name) => sum + (all.get(name) as number), 0),
    );
  return Object.fromEntries([...all].filter(([name]) => name in NAMES));
}

export const vmstat: Source = {
  read: (root) => parseVmstat(readText(join(root, 'proc/vmstat')) ?? ''),
  figures: (grown, seconds) => rates(grown, seconds, NAMES),
};
