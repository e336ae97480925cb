import { readFileSync } from 'node:fs';
import { usageError } from '../errors.js';
import { parseScope, type Scope } from '../host/scope.js';
import { canonicalScope, numbersIn } from '../host/scope-text.js';

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
  const online = onlineCpus();
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

/**
 * The one spelling of a change's scope (`canonicalScope`), in which a list of all CPUs is `machine`: what rules judge, the
 * journal keeps and an idempotency key compares.
 */
export function changeScopeText(text: string): string {
  const scope = canonicalScope(text);
  const cpus = scope.startsWith('cpus:') ? numbersIn(scope.slice('cpus:'.length)) : null;
  if (!cpus) return scope;
  const online = onlineCpus();
  return cpus.size === online.size && [...online].every((cpu) => cpus.has(cpu)) ? 'machine' : scope;
}

const onlineCpus = (): ReadonlySet<number> =>
  numbersIn(readFileSync('/sys/devices/system/cpu/online', 'utf8').trim()) ?? new Set([0]);
