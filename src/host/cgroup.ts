import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../errors.js';
import { readText } from './probes/files.js';
import { mounts } from './probes/mounts.js';
import { canonicalCgroup } from './scope-text.js';

/** A control group as found on this machine. */
export interface Cgroup {
  readonly version: 1 | 2;
  /** As /proc/PID/cgroup shows it. */
  readonly path: string;
  readonly dir: string;
  /** File of its CPU weight, or why it has none. */
  readonly weight: { readonly file: string } | { readonly why: string };
}

/**
 * Finds a cgroup in the hierarchy that has the cpu controller, or else in the unified one, by any spelling of its path.
 * @throws TunesmithError (usage) for a path that is none, or where no such group is
 */
export function findCgroup(text: string): Cgroup {
  const path = canonicalCgroup(text);
  const all = mounts('/');
  const legacy = all.find(({ type, options }) => type === 'cgroup' && options.includes('cpu'));
  const unified = all.find(({ type }) => type === 'cgroup2');
  const there = [legacy, unified].find(
    (mount) => mount && existsSync(join(mount.where, path, 'cgroup.procs')),
  );
  if (!there)
    throw usageError(
      '--scope',
      `cgroup:${path}`,
      'is no cgroup of this machine',
      'give the path as /proc/PID/cgroup shows it',
    );
  const version = there === legacy ? 1 : 2;
  const dir = join(there.where, path);
  return { version, path, dir, weight: weightOf(dir, version, path === '/') };
}

function weightOf(dir: string, version: 1 | 2, isRoot: boolean): Cgroup['weight'] {
  if (isRoot) return { why: 'the root cgroup has no siblings to weigh against' };
  const file = join(dir, version === 1 ? 'cpu.shares' : 'cpu.weight');
  if (existsSync(file)) return { file };
  return { why: `${file} is not there: the cpu controller is not enabled for this cgroup’s parent` };
}

/** The tasks in a cgroup and the groups below it; none when it is gone. */
export function cgroupTasks({ dir, version }: Pick<Cgroup, 'dir' | 'version'>): number[] {
  const own = readText(join(dir, version === 1 ? 'tasks' : 'cgroup.threads')) ?? '';
  return [
    ...own.split('\n').filter(Boolean).map(Number),
    ...subgroups(dir).flatMap((name) => cgroupTasks({ dir: join(dir, name), version })),
  ];
}

/** The paths of the cgroups that a process is in where CPU time is shared out, and of those above, the root included. */
export function cgroupsOf(pid: number): string[] {
  const paths = (readText(`/proc/${pid}/cgroup`) ?? '').split('\n').flatMap((line) => {
    const [, controllers = '', path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    const isShared = controllers === '' || controllers.split(',').includes('cpu');
    return path !== undefined && isShared ? [path] : [];
  });
  const all = new Set(['/']);
  for (const path of paths)
    for (let at = path; at.length > 1; at = at.slice(0, at.lastIndexOf('/'))) all.add(at);
  return [...all];
}

function subgroups(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/**
 * cpu.weight (1 to 10,000, 100 by default) as cpu.shares (2 to 262,144, 1024 by default) and back, by the kernel's
 * own proportion (kernel/sched/core.c, cpu_weight_write_u64).
 */
export const sharesOf = (weight: number): number => Math.max(2, Math.round((weight * 1024) / 100));
export const weightFrom = (shares: number): number =>
  Math.min(10_000, Math.max(1, Math.round((shares * 100) / 1024)));
