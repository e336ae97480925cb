import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { degraded, ok } from '../row.js';
import { list } from './files.js';
import type { Probe } from './probe.js';

const PROGRAMS = { id: 'programs', name: 'Workload programs' };

/** The programs that workloads bring into the guest; those built into the agent need none. */
export const probePrograms: Probe = ({ root, cache }) => {
  const there: Record<string, boolean> = {
    'rt-tests': existsSync(join(root, 'usr/bin/hackbench')),
    'stress-ng': existsSync(join(root, 'usr/bin/stress-ng')),
    postgresql: [root, ...list(join(cache, 'packages')).map((name) => join(cache, 'packages', name))].some(
      hasServer,
    ),
  };
  const names = Object.keys(there);
  const lacking = names.filter((name) => !there[name]);
  if (lacking.length === 0) return [ok(PROGRAMS, names.join(', '))];
  const cost = 'the workloads made of them cannot run; the built-in ones can';
  return [degraded(PROGRAMS, `without ${lacking.join(', ')}`, cost, 'npm run setup')];
};

const hasServer = (root: string): boolean => {
  const home = join(root, 'usr/lib/postgresql');
  return list(home).some((version) => existsSync(join(home, version, 'bin/postgres')));
};
