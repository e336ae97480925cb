import { usageError } from '../errors.js';
import { readText } from './probes/files.js';
import { type Scope, tasksIn } from './scope.js';

/** PF_KTHREAD of include/linux/sched.h, in the ninth field of /proc/PID/stat. */
const KERNEL_THREAD = 0x0020_0000;

function isKernelThread(tid: number): boolean {
  const stat = readText(`/proc/${tid}/stat`) ?? '';
  return (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6]) & KERNEL_THREAD) !== 0;
}

/**
 * That a scope has neither init nor kernel threads in it, and does not name this very process: a slice of theirs is
 * everybody's. A cgroup or a tree that this process merely lies in is fine.
 * @throws TunesmithError (usage) naming what it holds
 */
export function assertOrdinary(scope: Scope | { readonly kind: 'machine' }, text: string): void {
  if (scope.kind === 'machine' || scope.kind === 'load') return;
  const tasks = tasksIn(scope);
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
  const isNamed = scope.kind === 'pid' || (scope.kind === 'tree' && scope.root.pid === process.pid);
  if (isNamed && tasks.has(process.pid)) throw refused(`${process.pid}, Tunesmith itself`);
}
