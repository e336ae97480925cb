import { list, readText } from './probes/files.js';

/** A task: one thread. Its number may be given to another later; number and start together never are. */
export interface Task {
  readonly tid: number;
  /** Its process (thread group). */
  readonly pid: number;
  /** Its process's parent. */
  readonly parent: number;
  /** Clock ticks after boot. */
  readonly start: number;
}

/** What /proc says of a task; null when it is gone. */
export function readTask(tid: number): Task | null {
  const stat = readText(`/proc/${tid}/stat`);
  const pid = /^Tgid:\s*(\d+)$/m.exec(readText(`/proc/${tid}/status`) ?? '')?.[1];
  if (stat === undefined || pid === undefined) return null;
  // The name, the second field, may hold anything, parentheses and newlines included. Fields: proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { tid, pid: Number(pid), parent: Number(fields[1]), start: Number(fields[19]) };
}

/** `TID:START`: names a task for good. */
export const taskName = ({ tid, start }: Pick<Task, 'tid' | 'start'>): string => `${tid}:${start}`;

/** A task from its name; null when it is gone. */
export function taskNamed(name: string): Task | null {
  const task = readTask(Number(name.split(':')[0]));
  return task && taskName(task) === name ? task : null;
}

/** PF_KTHREAD of include/linux/sched.h. */
const KERNEL_THREAD = 0x00200000;

/** Whether a process is the kernel's own. */
export function isKernelThread(pid: number): boolean {
  const stat = readText(`/proc/${pid}/stat`) ?? '';
  return (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6]) & KERNEL_THREAD) !== 0;
}

/** This process, its like and their helpers: whoever has a deadman, deadmen, and loads. */
export function ownProcesses(): ReadonlySet<number> {
  const found = new Set([process.pid]);
  for (const pid of processes()) {
    const name = readText(`/proc/${pid}/comm`) ?? '';
    if (!name.startsWith('tunesmith-')) continue;
    found.add(pid);
    const parent = name === 'tunesmith-deadm' ? (readTask(pid)?.parent ?? 0) : 0;
    // Of one whose owner is gone it is whoever takes orphans.
    if (parent > 1) found.add(parent);
  }
  return found;
}

/** Whether a task is still there, and not another with its number. */
export const isThere = ({ tid, start }: Task): boolean => readTask(tid)?.start === start;

const numbers = (names: readonly string[]): number[] =>
  names.filter((name) => /^\d+$/.test(name)).map(Number);

/** The tasks of a process; none when it is gone. */
export const threadsOf = (pid: number): number[] => numbers(list(`/proc/${pid}/task`));

/** All processes of the machine. */
const processes = (): number[] => numbers(list('/proc'));

/** All tasks of the machine. */
export const allTasks = (): number[] => processes().flatMap(threadsOf);

/** Processes and all their descendants, by number; those that are gone lead to nothing. */
export function withDescendants(roots: Iterable<number>): Set<number> {
  const children = new Map<number, number[]>();
  for (const pid of processes()) {
    const parent = readTask(pid)?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = new Set<number>();
  const waiting = [...roots];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    if (found.has(pid)) continue;
    found.add(pid);
    waiting.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** Now, on the clock of `Task.start`. */
export const ticksNow = (): number => Math.floor(Number.parseFloat(readText('/proc/uptime') ?? '0') * 100);
