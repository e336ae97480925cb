import { usageError } from '../errors.js';

/**
 * The one form of a cgroup's path, as the kernel shows it: `/x//y/./z/` is `/x/y/z`.
 * @throws TunesmithError (usage) for a path that is not absolute, has `..` in it or a character that no path has
 */
export function canonicalCgroup(path: string): string {
  const parts = path.split('/');
  if (!path.startsWith('/') || parts.includes('..') || /\p{Cc}/u.test(path))
    throw usageError(
      '--scope',
      `cgroup:${path}`,
      'is not an absolute path without ..',
      'give the path as /proc/PID/cgroup shows it, such as cgroup:/user.slice',
    );
  return `/${parts.filter((part) => part !== '' && part !== '.').join('/')}`;
}

/** What is longer is no scope. */
const LONGEST = 4096;

const sorted = (numbers: Iterable<number>): number[] => [...new Set(numbers)].sort((a, b) => a - b);

/** `0-2,5` as numbers; null for anything else. */
export function numbersIn(list: string): Set<number> | null {
  const found = new Set<number>();
  for (const part of list.split(',')) {
    const [, first, last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim()) ?? [];
    if (first === undefined || Number(last) < Number(first)) return null;
    for (let cpu = Number(first); cpu <= Number(last); cpu++) found.add(cpu);
  }
  return found;
}

/** Numbers as the kernel lists them: 0-3,8. */
function listed(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const n of numbers) {
    const last = ranges.at(-1);
    if (last && n === last[1] + 1) last[1] = n;
    else ranges.push([n, n]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

const isPid = (text: string): boolean => /^[1-9]\d{0,9}$/.test(text);

/**
 * The one spelling of a scope, before rules, journal, digests and overlap see it: cgroup paths as the kernel shows them,
 * processes and CPUs in order and once each. What is no scope stays as it is, for whoever reads it to refuse.
 */
export function canonicalScope(text: string): string {
  if (text.length > LONGEST) return text;
  const [, kind, rest = ''] = /^(cpus|pid|cgroup):(.*)$/s.exec(text) ?? [];
  if (kind === 'cgroup') {
    try {
      return `cgroup:${canonicalCgroup(rest)}`;
    } catch {
      return text;
    }
  }
  if (kind === 'pid') {
    const pids = rest.split(',');
    return pids.every(isPid) ? `pid:${sorted(pids.map(Number)).join()}` : text;
  }
  if (kind === 'cpus') {
    const cpus = numbersIn(rest);
    return cpus ? `cpus:${listed(sorted(cpus))}` : text;
  }
  return text;
}
