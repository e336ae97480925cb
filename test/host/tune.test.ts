/** The real loop on this machine, through the command line as it was built (`npm run build`). */
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { resultSchema } from '../../src/loop/result.js';
import { native } from '../../src/native.js';
import { enter, group, legacy } from './cgroups.js';
import { tree } from './fixture.js';
import { BASE, HAS_SLICES, IS_ROOT, shell, sliceOf } from './processes.js';
import { scratchState } from './state.js';

scratchState();

const MAIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;
if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: run npm run build`);

const ARGS = ['tune', '--target', 'host', '--workload', 'wakeup', '--window', '100ms', '--warmup', '20ms'];
const tune = (...args: string[]) =>
  execa(process.execPath, [MAIN, ...ARGS, ...args], { reject: false, stdin: 'ignore' });

describe.skipIf(!HAS_SLICES || !IS_ROOT)('tune --target host', () => {
  it('runs the whole loop on a load of its own, and leaves a report', async () => {
    const dir = join(tree(), 'out');
    const args = ['--tune', 'slice_ns', '--cycles', '3', '--out', dir, '--json'];
    const done = await tune(...args);
    expect(done.exitCode, done.stderr).toBe(0);
    const result = resultSchema.parse(JSON.parse(done.stdout));
    expect(result.target).toMatchObject({ kind: 'host', scheduler: 'eevdf', qemu: null });
    expect(result.cycles.map(({ cycle }) => cycle)).toEqual([0, 1, 2]);
    expect(result.cycles[0]?.windows).toHaveLength(5);
    expect(result.cycles[0]?.noise).toBeGreaterThan(0);
    expect(result.parameters.work_loops).toBeGreaterThan(20_000);
    for (const { values, measurement } of result.cycles)
      expect(measurement?.knobs.slice_ns).toBe(values.slice_ns);
    const { referee, best } = result;
    if (best.cycle > 0) {
      expect(referee?.pairs).toMatchObject({ of: 8, needed: 7 });
      expect([referee?.default.windows?.length, referee?.best.windows?.length]).toEqual([8, 8]);
    } else expect(referee).toBeNull();
    if (result.verdict.accepted) expect(referee?.pairs?.better).toBeGreaterThanOrEqual(7);
    expect(JSON.parse(readFileSync(join(dir, 'result.json'), 'utf8'))).toEqual(result);
    const html = readFileSync(join(dir, 'report.html'), 'utf8');
    expect(html).toContain('this machine, Linux');
    expect(html).not.toContain('cold boot');
  });

  it('changes the scope it is given while it runs, and puts it back at the end', async () => {
    const parent = await shell();
    const child = await parent.fork();
    const seen = new Set<number>();
    const running = tune('--scope', `tree:${parent.pid}`, '--cycles', '3', '--no-referee');
    const watch = setInterval(() => seen.add(sliceOf(child)), 5);
    const done = await running;
    clearInterval(watch);
    expect(done.exitCode, done.stderr).toBe(0);
    expect(seen.size).toBe(3);
    expect([parent.pid, child].map(sliceOf)).toEqual([BASE, BASE]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'stopped by %s it puts back, and still reports',
    async (signal) => {
      const { pid } = await shell();
      const running = tune('--scope', `pid:${pid}`, '--cycles', '1000', '--json');
      await expect.poll(() => sliceOf(pid)).not.toBe(BASE);
      running.kill(signal);
      const done = await running;
      expect(done.exitCode).toBe(1);
      expect(resultSchema.parse(JSON.parse(done.stdout)).verdict.interrupted).toBe(true);
      expect(sliceOf(pid)).toBe(BASE);
    },
  );

  it('told twice to stop, it stops at once and puts back all the same', async () => {
    const { pid } = await shell();
    const running = tune('--scope', `pid:${pid}`, '--cycles', '1000', '--window', '1s');
    await expect.poll(() => sliceOf(pid)).not.toBe(BASE);
    running.kill('SIGTERM');
    await new Promise<void>((resolve) => {
      running.stderr.on('data', (text) => String(text).includes('once more') && resolve());
    });
    running.kill('SIGTERM');
    expect([(await running).exitCode, sliceOf(pid)]).toEqual([143, BASE]);
  });

  it('puts back when an error of ours ends the process', async () => {
    const { pid } = await shell();
    const script = `
      const { HostTarget } = await import('./dist/host/target.js');
      const { parseScope } = await import('./dist/host/scope.js');
      const { native } = await import('./dist/native.js');
      const target = new HostTarget({ load: {}, scope: parseScope('pid:${pid}') });
      await target.apply({ slice_ns: 2500000 });
      console.log(native().readSched(${pid}).sliceNs);
      setTimeout(() => { throw new Error('ours'); });`;
    const done = await execa(process.execPath, ['--input-type=module', '-e', script], { reject: false });
    expect(done).toMatchObject({ exitCode: 1, stdout: '2500000' });
    expect(done.stderr).toContain('Error: ours');
    expect(sliceOf(pid)).toBe(BASE);
  });

  it.skipIf(legacy === undefined)('accepts what is plainly better, and only puts it back', async () => {
    const { path, dir } = group(legacy as string);
    // A task for each CPU that never sleeps, in a cgroup that outweighs everybody else three times.
    writeFileSync(join(dir, 'cpu.shares'), '3072');
    const hogs = await shell();
    enter(dir, hogs.pid);
    for (let i = 0; i < availableParallelism(); i++) await hogs.ask('(while :; do :; done) & echo started');
    const done = await tune(
      ...['--workload', 'mixed', '--param', 'hogs=1', '--objective', 'throughput_per_s', '--window', '300ms'],
      ...['--scope', `cgroup:${path}`, '--tune', 'cpu_weight', '--cycles', '2', '--json'],
    );
    expect(done.exitCode, done.stderr).toBe(0);
    const { verdict, referee, best } = resultSchema.parse(JSON.parse(done.stdout));
    expect(verdict, verdict.text).toMatchObject({ accepted: true });
    expect(best.values.cpu_weight).toBeLessThan(100);
    expect(referee?.pairs?.needed).toBe(7);
    expect(readFileSync(join(dir, 'cpu.shares'), 'utf8')).toBe('3072\n');
  });

  it('leaves what somebody else changed meanwhile, and says so', async () => {
    const parent = await shell();
    const [theirs, ours] = [await parent.fork(), await parent.fork()];
    const running = tune('--scope', `tree:${parent.pid}`, '--cycles', '3', '--no-referee');
    await expect.poll(() => sliceOf(theirs), { interval: 5 }).not.toBe(BASE);
    native().setSlice(theirs, 33_000_000);
    const done = await running;
    expect(done.stderr).toMatch(
      new RegExp(
        `note: the slice of task ${theirs} was changed by somebody else, from .* to 33 ms: left as it is`,
      ),
    );
    expect([theirs, ours].map(sliceOf)).toEqual([33_000_000, BASE]);
  });
});

const stateOfNobody = mkdtempSync(join(tmpdir(), 'tunesmith-nobody-'));
if (IS_ROOT) chownSync(stateOfNobody, 65534, 65534);
afterAll(() => rmSync(stateOfNobody, { recursive: true }));

const asNobody = (...args: string[]) =>
  execa(
    'setpriv',
    ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, MAIN, ...ARGS, ...args],
    { reject: false, stdin: 'ignore', env: { XDG_STATE_HOME: stateOfNobody } },
  );

describe.skipIf(!HAS_SLICES || !IS_ROOT)('tune --target host without privilege', () => {
  it('is refused another user’s tasks, before anything is measured', async () => {
    const { pid } = await shell();
    const done = await asNobody('--scope', `pid:${pid}`);
    expect(done.exitCode).toBe(3);
    expect(done.stderr).toContain(`the slice of task ${pid} may not be set: it belongs to another user`);
    expect(done.stderr).toContain('run tunesmith as root or as the tasks’ own user, or take --scope load');
    expect(done.stderr).not.toContain('[1/');
    expect(sliceOf(pid)).toBe(BASE);
  });

  it('is refused sysctls, with the reason', async () => {
    const done = await asNobody('--tune', 'sched_autogroup_enabled');
    expect(done.exitCode).toBe(3);
    expect(done.stderr).toContain('/proc/sys/kernel/sched_autogroup_enabled may not be written (EACCES)');
  });
});

describe('tune --target host with bad input', () => {
  it.each([
    [['--scope', 'pid:x'], 'use load, pid:N[,N…], tree:PID or cgroup:/PATH'],
    [['--kernel', 'cfs'], '--kernel: "cfs" goes with --target lab'],
    [['--cpus', '4'], '--cpus: "4" goes with --target lab'],
    [['--arch', 'arm64'], '--arch: "arm64" goes with --target lab'],
    [['--rivals'], '--rivals: true goes with --target lab'],
    [['--workload', 'pgbench'], 'on a host: wakeup, mixed, idle'],
    [['--workload', 'stressors'], '"stressors" is nothing for a machine in use'],
    [['--tune', 'slice'], 'knob: "slice" is not known'],
    [['--objective', 'user_share'], 'neither way is better'],
    [['--target', 'lab', '--scope', 'load'], '--scope: "load" goes with --target host'],
    [['--target', 'lab', '--tune', 'slice_ns'], 'belongs to a running machine and is not set in the lab'],
  ])('%j is refused', async (args, words) => {
    const done = await tune(...args);
    expect([done.exitCode, done.stdout]).toEqual([2, '']);
    expect(done.stderr).toContain(words);
  });

  it('a cgroup’s weight without a cgroup is refused', async () => {
    const done = await tune('--tune', 'cpu_weight');
    expect(done.exitCode).toBe(3);
    expect(done.stderr).toContain(
      'cpu_weight cannot be set here: it belongs to a cgroup\n  take --scope cgroup:/PATH',
    );
  });
});
