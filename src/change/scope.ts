import { readFileSync } from 'node:fs';
import { usageError } from '../errors.js';
import { parseScope, type Scope } from '../host/scope.js';

/** What a change is for: the whole machine, or tasks, or a cgroup. */
export type ChangeScope = { readonly kind: 'machine' } | Exclude<Scope, { kind: 'load' }>;

const FORMS = 'machine, cpus:LIST, pid:N[,N…], tree:PID or cgroup:/PATH';
const LONGEST = 4096;

/**
 * A scope from its text, checked against this machine. The kernel has its knobs once for all CPUs, so a list of CPUs
 * is the whole machine when it names all of them, and refused when it does not.
 * @throws TunesmithError (usage) for another form, or what is not there
 */
export function parseChangeScope(text: string): ChangeScope {
  if (text === 'machine') return { kind: 'machine' };
  if (text.length > LONGEST || /\p{Cc}/u.test(text))
    throw usageError('scope', text.slice(0, 80), 'is no scope', `use ${FORMS}`);
  const cpus = /^cpus:(.*)$/.exec(text)?.[1];
  if (cpus !== undefined) return allCpus(cpus, text);
  const scope = parseScope(text);
  if (scope.kind === 'load') throw usageError('scope', text, 'is no scope of a change', `use ${FORMS}`);
  return scope;
}

function allCpus(list: string, whole: string): ChangeScope {
  const named = numbersIn(list);
  if (!named) throw usageError('scope', whole, 'is no list of CPUs', 'for example cpus:0-3,6');
  const online = numbersIn(readFileSync('/sys/devices/system/cpu/online', 'utf8').trim()) ?? new Set([0]);
  const stranger = [...named].find((cpu) => !online.has(cpu));
  if (stranger !== undefined) throw usageError('scope', whole, `names CPU ${stranger}, which is not online`);
  if (named.size === online.size) return { kind: 'machine' };
  const missing = [...online].find((cpu) => !named.has(cpu));
  throw usageError(
    'scope',
    whole,
    `leaves out CPU ${missing}, and the kernel has its knobs once for all CPUs`,
    'name all CPUs, or take slice_ns with tasks or a cgroup as the scope',
  );
}

/** `0-2,5` as numbers; null for anything else. */
function numbersIn(list: string): Set<number> | null {
  const found = new Set<number>();
  for (const part of list.split(',')) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? [];
    if (first === undefined || Number(last) < Number(first)) return null;
    for (let cpu = Number(first); cpu <= Number(last); cpu++) found.add(cpu);
  }
  return found;
}
