import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { shown } from '../shown.js';
import { mounts } from './probes/mounts.js';

/** Directories read at most in one search: a machine with more has some cgroups without a name. */
const MOST = 20_000;
/** How long names are believed: a cgroup of version 1 may be renamed. */
const FRESH_MS = 5000;

/**
 * Paths of cgroups by the numbers that a sampler gives them (inodes of their directories), as /proc/PID/cgroup shows
 * them. A cgroup that is gone keeps its last name.
 */
export class CgroupNames {
  private readonly paths = new Map<number, string>();
  private unknown = new Set<number>();
  private readAt = Number.NEGATIVE_INFINITY;

  /** @param version of the hierarchy: two have the same numbers for groups of different names */
  constructor(
    version: 'v1' | 'v2',
    private readonly root: string | undefined = mountOf(version),
  ) {}

  /** The path, as plain text; null when it is not known. Looks again for one never seen, and after some seconds. */
  pathOf(id: number): string | null {
    const stale = performance.now() - this.readAt > FRESH_MS;
    if (stale || !(this.paths.has(id) || this.unknown.has(id))) this.read();
    const path = this.paths.get(id);
    if (path === undefined) this.unknown.add(id);
    return path ?? null;
  }

  private read(): void {
    this.readAt = performance.now();
    this.unknown = new Set();
    if (this.root === undefined) return;
    const waiting = ['/'];
    for (let seen = 0; waiting.length > 0 && seen < MOST; seen++) {
      const path = waiting.pop() as string;
      try {
        this.paths.set(statSync(join(this.root, path)).ino, shown(path));
        for (const entry of readdirSync(join(this.root, path), { withFileTypes: true }))
          if (entry.isDirectory()) waiting.push(join(path, entry.name));
      } catch {
        // Removed meanwhile.
      }
    }
  }
}

const ofVersion = new Map<string, CgroupNames>();

/**
 * The names in the hierarchy of a sampler, the same reader for all who ask.
 * @param hierarchy as a sampler's `settings` say it; what it chose, never `automatic`
 */
export function cgroupNames(hierarchy: string): CgroupNames {
  const version = hierarchy === 'v1' ? 'v1' : 'v2';
  const names = ofVersion.get(version) ?? new CgroupNames(version);
  ofVersion.set(version, names);
  return names;
}

/** Where a hierarchy is mounted, version 1's of the cpu controller; undefined where it is not. */
const mountOf = (version: 'v1' | 'v2'): string | undefined =>
  mounts('/').find(({ type, options }) =>
    version === 'v2' ? type === 'cgroup2' : type === 'cgroup' && options.includes('cpu'),
  )?.where;
