import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from './probes/files.js';
import { everyTaskIn, parseScope, type Scope } from './scope.js';
import { readTask } from './tasks.js';

/**
 * Every name by which what a scope holds now may be called too: `cgroup:/a/b` and `cgroup:/a` for each of its tasks' and
 * subgroups' cgroups in every hierarchy, `pid:N` for its processes, `tree:N` for these and their ancestors. For a rule that denies
 * one of them. Empty for the whole machine, for CPUs, and for what is not there any more.
 */
export function reachOf(text: string): readonly string[] {
  if (!/^(pid|tree|cgroup):/.test(text)) return [];
  let scope: Scope;
  try {
    scope = parseScope(text);
  } catch {
    return [];
  }
  const names = new Set<string>();
  if (scope.kind === 'cgroup')
    for (const path of groupsBelow(scope.cgroup.dir, scope.cgroup.path)) addGroup(names, path);
  for (const tid of everyTaskIn(scope)) {
    for (const line of (readText(`/proc/${tid}/cgroup`) ?? '').split('\n')) {
      const path = /^\d+:[^:]*:(\/.*)$/.exec(line)?.[1];
      if (path !== undefined) addGroup(names, path);
    }
    const task = readTask(tid);
    if (task) addProcess(names, task.pid);
  }
  return [...names];
}

/** A group and those it lies in; the root of all only if it is the one. */
function addGroup(names: Set<string>, path: string): void {
  for (let at = path; at !== '' && !names.has(`cgroup:${at}`); at = at.slice(0, at.lastIndexOf('/')))
    names.add(`cgroup:${at}`);
}

function addProcess(names: Set<string>, pid: number): void {
  names.add(`pid:${pid}`);
  for (let at = pid; at > 0 && !names.has(`tree:${at}`); ) {
    names.add(`tree:${at}`);
    at = readTask(at)?.parent ?? 0;
  }
}

function groupsBelow(dir: string, path: string): string[] {
  let names: string[];
  try {
    names = readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
  return [
    path,
    ...names.flatMap((name) => groupsBelow(join(dir, name), path === '/' ? `/${name}` : `${path}/${name}`)),
  ];
}
