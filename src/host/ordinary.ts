import { usageError } from '../errors.js';
import { everyTaskIn, type Scope } from './scope.js';
import { isKernelThread, ownProcesses } from './tasks.js';

/**
 * That a scope has neither init nor kernel threads in it, and names no process of Tunesmith's: a slice of theirs is
 * everybody's. A cgroup or a tree that one merely lies in is fine: it is left out.
 * @throws TunesmithError (usage) naming what it holds
 */
export function assertOrdinary(scope: Scope | { readonly kind: 'machine' }, text: string): void {
  if (scope.kind === 'machine' || scope.kind === 'load') return;
  const tasks = everyTaskIn(scope);
  const refused = (what: string): Error =>
    usageError(
      '--scope',
      text,
      `holds ${what}`,
      'name the service’s own processes or cgroup; --force if you mean it',
    );
  if (tasks.has(1)) throw refused('PID 1, the init of this machine');
  const kernels = [...tasks].find(isKernelThread);
  if (kernels !== undefined) throw refused(`${kernels}, a thread of the kernel’s`);
  const named = scope.kind === 'pid' ? scope.processes : scope.kind === 'tree' ? [scope.root] : [];
  const ours = named.length > 0 ? ownProcesses() : new Set();
  const own = named.find(({ pid }) => ours.has(pid));
  if (own) throw refused(`${own.pid}, Tunesmith itself`);
}
