import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { shellLine } from '../../shell.js';
import { degraded, ok } from '../row.js';
import { list, readText } from './files.js';
import { knownIssue } from './known-issues.js';
import type { Probe } from './probe.js';

const KERNELS = { id: 'kernels', name: 'Lab kernels' };
const entry = z.object({ release: z.string() });

/** The kernels in the cache, each a directory with vmlinuz and kernel.json. */
export const probeKernels: Probe = ({ cache }) => {
  const home = join(cache, 'kernels');
  const found = list(home)
    .filter((name) => !name.startsWith('.'))
    .map((name) => ({ name, release: releaseOf(join(home, name)) }));
  const whole = found.flatMap(({ release }) => release ?? []);
  const broken = found.filter(({ release }) => release === undefined).map(({ name }) => name);
  const issues = whole.flatMap((release) => knownIssue(release) ?? []);

  if (whole.length === 0 && broken.length === 0)
    return [
      degraded(
        KERNELS,
        'none in the cache yet',
        'the first trial takes up to 90 s longer and needs the network',
        'tunesmith lab trial --kernel eevdf --workload wakeup',
      ),
    ];
  if (broken.length > 0)
    return [
      degraded(
        KERNELS,
        [...whole, ...broken.map((name) => `${name} (not whole)`)].join(', '),
        'what is not whole is fetched again when it is next used',
        shellLine('rm', '-r', ...broken.map((name) => join(home, name))),
      ),
    ];
  if (issues.length > 0)
    return [degraded(KERNELS, whole.join(', '), issues.join('; '), 'use scx, 7.0 or 7.3 instead')];
  return [ok(KERNELS, whole.join(', '))];
};

/** The release a cached kernel says it is, or undefined when its directory is not whole. */
function releaseOf(directory: string): string | undefined {
  try {
    const { release } = entry.parse(JSON.parse(readText(join(directory, 'kernel.json')) ?? ''));
    return existsSync(join(directory, 'vmlinuz')) ? release : undefined;
  } catch {
    return undefined;
  }
}
