import { join } from 'node:path';
import { readText } from '../probes/files.js';
import { type Counts, rates, type Source } from './source.js';

const NAMES = {
  cpu_some: 'cpu_some_share',
  memory_some: 'memory_some_share',
  memory_full: 'memory_full_share',
  io_some: 'io_some_share',
  io_full: 'io_full_share',
};

/** A file of /proc/pressure as counters: µs stalled so far, `cpu_some`, `io_full`. */
export const parsePressure = (resource: string, text: string): Counts =>
  Object.fromEntries(
    [...text.matchAll(/^(some|full) .*\btotal=(\d+)$/gm)].map((m) => [`${resource}_${m[1]}`, Number(m[2])]),
  );

/** Kernels without PSI, or started with psi=0, have no such files or refuse to read them. */
export const pressure: Source = {
  read(root) {
    const found = ['cpu', 'memory', 'io'].map((resource) =>
      parsePressure(resource, readText(join(root, 'proc/pressure', resource)) ?? ''),
    );
    const counts = Object.assign({}, ...found) as Counts;
    return Object.keys(counts).length === 0 ? null : counts;
  },
  figures: (grown, seconds) => rates(grown, seconds * 1e6, NAMES),
};
