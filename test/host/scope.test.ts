import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Deadman } from '../../src/change/deadman.js';
import { assertOrdinary } from '../../src/host/ordinary.js';
import { describeScope, parseScope, tasksIn } from '../../src/host/scope.js';
import {
  allTasks,
  isKernelThread,
  isThere,
  ownProcesses,
  readTask,
  threadsOf,
} from '../../src/host/tasks.js';
import { shell, threaded } from './processes.js';

/** Why a scope is not to be tuned; empty when it may be. */
const thrownBy = (scope: string): string => {
  try {
    assertOrdinary(parseScope(scope), scope);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a scope', () => {
  it('is the load, processes, a tree or a cgroup', async () => {
    const { pid } = await shell();
    expect(parseScope('load')).toEqual({ kind: 'load' });
    const other = (await shell()).pid;
    expect(parseScope(`pid:${pid},${other},${pid}`)).toMatchObject({
      kind: 'pid',
      processes: [pid, other].sort((a, b) => a - b).map((one) => ({ pid: one })),
    });
    expect(parseScope(`tree:${pid}`)).toMatchObject({ kind: 'tree', root: { pid } });
    expect(describeScope(parseScope(`pid:${pid}`))).toBe(`process ${pid}`);
    expect(describeScope(parseScope(`tree:${pid}`))).toBe(`process ${pid} and its descendants`);
    expect(tasksIn(parseScope('load'))).toEqual(new Set());
  });

  it.each([
    '',
    'pid',
    'pid:',
    'pid:0',
    'pid:-1',
    'pid:1x',
    'pid:1,',
    'tree:',
    'tree:1,2',
    'Load',
    'all',
    'pid:1\n',
  ])('is not %j', (text) => {
    expect(() => parseScope(text)).toThrow(/^--scope: .* is no scope$/);
  });

  it.each([
    ['pid:1', 'PID 1, the init of this machine'],
    ['tree:1', 'PID 1'],
    [`pid:${process.pid}`, `${process.pid}, Tunesmith itself`],
    [`tree:${process.pid}`, 'Tunesmith itself'],
  ])('of %s is refused', (text, what) => {
    expect(thrownBy(text)).toContain(what);
  });

  it('of a thread of the kernel’s is refused', () => {
    const kernel = allTasks().find(isKernelThread);
    if (kernel === undefined) return; // a container shows none
    expect(thrownBy(`pid:${kernel}`)).toContain('a thread of the kernel’s');
  });

  it('of a deadman, or of who has one, is refused', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tunesmith-scope-'));
    const deadman = Deadman.start(dir, 60_000);
    onTestFinished(() => {
      deadman.end();
      rmSync(dir, { recursive: true });
    });
    await expect.poll(() => thrownBy(`pid:${deadman.pid}`)).toContain('Tunesmith itself');
    expect(ownProcesses()).toContain(process.pid);
  });

  it('of a cgroup or a tree leaves Tunesmith out', () => {
    const tasks = tasksIn(parseScope('cgroup:/'));
    expect(thrownBy(`tree:${process.ppid}`)).toBe('');
    expect(tasksIn(parseScope(`tree:${process.ppid}`)).has(process.pid)).toBe(false);
    expect(threadsOf(process.pid).some((tid) => tasks.has(tid))).toBe(false);
  });

  it('of a process that is not there is refused', async () => {
    const gone = await shell();
    await gone.end();
    expect(() => parseScope(`pid:${gone.pid}`)).toThrow(`names process ${gone.pid}, which is not there`);
    expect(() => parseScope(`tree:${2 ** 22}`)).toThrow('which is not there');
  });

  it('of a thread is refused, with the process to name', async () => {
    const { pid } = await threaded();
    const thread = threadsOf(pid).find((tid) => tid !== pid) as number;
    expect(() => parseScope(`pid:${thread}`)).toThrow(
      expect.objectContaining({ hint: `name its process, ${pid}: all its threads` }),
    );
  });

  it.each(['cgroup:', 'cgroup:user.slice', 'cgroup:/../etc', 'cgroup:/a\0b'])('%j is no path', (text) => {
    expect(() => parseScope(text)).toThrow('is not an absolute path without ..');
  });

  it('of a cgroup that is not there is refused', () => {
    expect(() => parseScope('cgroup:/no/such')).toThrow('is no cgroup of this machine');
  });

  it('has the threads of its processes, and of their descendants when it is a tree', async () => {
    const parent = await shell();
    const child = await parent.fork();
    const grandchild = Number(
      await parent.ask('sh -c "sleep 600 >/dev/null & echo \\$!; wait >/dev/null" &'),
    );
    expect(tasksIn(parseScope(`pid:${parent.pid}`))).toEqual(new Set([parent.pid]));
    const tree = tasksIn(parseScope(`tree:${parent.pid}`));
    expect([parent.pid, child, grandchild].every((pid) => tree.has(pid))).toBe(true);
    expect(tree.size).toBe(4);
    expect(tree.has(process.pid)).toBe(false);
  });

  it('does not take over a process that got the number of one that ended', async () => {
    const { pid } = await shell();
    const scope = parseScope(`pid:${pid}`);
    if (scope.kind !== 'pid') throw new Error('not a pid scope');
    const [task] = scope.processes;
    if (!task) throw new Error('no process');
    const older = { kind: 'pid', processes: [{ ...task, start: task.start - 1 }] } as const;
    expect(tasksIn(older)).toEqual(new Set());
    expect(tasksIn(scope)).toEqual(new Set([pid]));
  });
});

describe('a task', () => {
  it('is read by number, whatever its name', async () => {
    const parent = await shell();
    const odd = Number(
      await parent.ask('cp /bin/sleep "/tmp/) 7 (x" && "/tmp/) 7 (x" 600 >/dev/null & echo $!'),
    );
    await expect.poll(() => readTask(odd)?.parent).toBe(parent.pid);
    expect(readTask(odd)).toMatchObject({ tid: odd, pid: odd });
    await parent.ask('rm "/tmp/) 7 (x"; echo done');
  });

  it('is told from a later one with its number', async () => {
    const { pid } = await shell();
    const task = readTask(pid);
    if (!task) throw new Error('not there');
    expect([isThere(task), isThere({ ...task, start: task.start + 1 })]).toEqual([true, false]);
  });

  it('is among all tasks, as every thread is', async () => {
    const { pid } = await threaded();
    const all = new Set(allTasks());
    expect(threadsOf(pid).every((tid) => all.has(tid))).toBe(true);
  });
});
