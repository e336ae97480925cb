import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { native } from '../../src/native.js';
import { MAIN, start, tunesmith } from '../cli/cli.js';

const capable = native().bpf().program.ok;

/** Until a process holds BPF objects, which is after its signals are its own. */
async function attached(pid: number): Promise<void> {
  const links = () => {
    try {
      return readdirSync(`/proc/${pid}/fd`).filter((fd) =>
        readlinkSync(`/proc/${pid}/fd/${fd}`).includes('bpf'),
      );
    } catch {
      return [];
    }
  };
  while (links().length === 0) await sleep(50);
}

describe.runIf(capable)('tunesmith observe', () => {
  it('--json prints one object with what it saw', async () => {
    const { code, stdout, stderr } = await tunesmith(
      'observe',
      '--json',
      '--duration',
      '1s',
      '--outliers',
      '1us',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const seen = JSON.parse(stdout);
    expect(seen).toMatchObject({ schema: 'tunesmith.observe/1', cgroupGone: false, pmcRefusal: null });
    expect(seen.lastedNs).toBeGreaterThan(0.9e9);
    expect(seen.overall.latency.count).toBeGreaterThan(0);
    expect(seen.keys.length).toBeGreaterThan(0);
    expect(seen.outliers.seen).toBeGreaterThan(0);
    expect(seen.outliers.first[0].latencyNs).toBeGreaterThanOrEqual(1000);
  });

  it('--json --interval prints an object on a line for each, without a gap', async () => {
    const { code, stdout } = await tunesmith(
      'observe',
      '--json',
      '--interval',
      '300ms',
      '--duration',
      '900ms',
    );
    expect(code).toBe(0);
    const seen = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(seen.length).toBe(3);
    for (const { schema, lastedNs, cpus } of seen) {
      expect(schema).toBe('tunesmith.observe/1');
      expect(lastedNs).toBeGreaterThan(0);
      for (const { busy } of cpus) expect(busy).toBeLessThanOrEqual(1);
    }
  });

  it('ended by Ctrl-C prints what it saw and exits 0, with --duration too', async () => {
    for (const args of [
      ['--duration', '1h'],
      ['--json', '--interval', '200ms'],
      ['--json', '--duration', '1h'],
    ]) {
      const running = start(['observe', '--outliers', '1us', ...args]);
      await attached(running.pid as number);
      running.kill('SIGINT');
      const { exitCode, stdout, stderr } = await running;
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(args.includes('--json') ? /"schema":"tunesmith.observe\/1"/ : /run queue/);
    }
  });

  it('--name limits rows and outliers, not what is measured', async () => {
    const { stdout } = await tunesmith(
      'observe',
      '--json',
      '--duration',
      '2s',
      '--name',
      '^(node|MainThread)',
      '--outliers',
      '1us',
    );
    const { keys, overall, outliers } = JSON.parse(stdout);
    expect(keys.length).toBeGreaterThan(0);
    const inRows = keys.reduce(
      (sum: number, key: { latency: { count: number } }) => sum + key.latency.count,
      0,
    );
    expect(inRows).toBeLessThan(overall.latency.count);
    for (const { comm } of [...keys, ...outliers.first]) expect(comm).toMatch(/^(node|MainThread)/);
  });

  it('--by cgroup has paths, the root’s too, in every hierarchy there is', async () => {
    const first = await tunesmith('observe', '--json', '--by', 'cgroup', '--duration', '1s');
    const seen = JSON.parse(first.stdout);
    expect(seen.keys.map((key: { path: string }) => key.path)).toContain('/');
    expect(['v1', 'v2']).toContain(seen.settings.hierarchy);
    const { code, stdout, stderr } = await tunesmith(
      'observe',
      '--by',
      'cgroup',
      '--hierarchy',
      'v1',
      '--duration',
      '500ms',
    );
    if (seen.settings.hierarchy === 'v1')
      expect(stdout).toMatch(/by cgroup of v1’s cpu controller.*\n(.*\n)* \/ /);
    else expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/no version 1/) });
    if (existsSync('/sys/fs/cgroup/unified') || seen.settings.hierarchy === 'v2') {
      const other = await tunesmith('observe', '--by', 'cgroup', '--hierarchy', 'v2', '--duration', '500ms');
      expect(other.stdout).toMatch(/by cgroup of v2 .*\n(.*\n)* \//);
    }
  });

  it('--by nothing has no table', async () => {
    const { stdout } = await tunesmith('observe', '--by', 'nothing', '--duration', '300ms');
    expect(stdout).toMatch(/run queue/);
    expect(stdout).not.toMatch(/nothing ran|NAME/);
  });

  it('with --pid measures that process alone, and the CPUs as they are', async () => {
    const hog = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
    const sleeper = spawn('sleep', ['1000'], { stdio: 'ignore' });
    try {
      const pid = String(sleeper.pid);
      const { stdout } = await tunesmith('observe', '--json', '--duration', '1s', '--pid', pid);
      const { keys, cpus } = JSON.parse(stdout);
      expect(keys.filter((key: { tgid: number }) => key.tgid !== sleeper.pid)).toEqual([]);
      expect(Math.max(...cpus.map((cpu: { busy: number }) => cpu.busy))).toBeGreaterThan(0.5);
      const text = await tunesmith('observe', '--duration', '300ms', '--pid', pid);
      expect(text.stdout).toMatch(new RegExp(`only pid ${pid}.*\\ncpu0 .* busy, \\d+k?/s`));
    } finally {
      for (const child of [hog, sleeper]) child.kill('SIGKILL');
    }
  });

  it.runIf(process.getuid?.() === 0)(
    '--pid means a number of its own PID namespace, and so do rows',
    async () => {
      const script = `sh -c 'while :; do :; done' & exec "$0" "$1" observe --json --duration 2s --pid $!`;
      const { stdout, exitCode } = await execa('unshare', [
        ...['--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', `sh -c "$2" "$0" "$1"`],
        ...[process.execPath, MAIN, script],
      ]);
      expect(exitCode).toBe(0);
      const { keys, cpus } = JSON.parse(stdout);
      expect(keys.length).toBe(1);
      expect(keys[0]).toMatchObject({ comm: 'sh' });
      expect(keys[0].tid).toBeLessThan(50);
      expect(keys[0].running).toBeGreaterThan(0);
      expect(cpus.length).toBeGreaterThan(0);
    },
  );

  it('without a terminal prints a table once', async () => {
    const { code, stdout } = await tunesmith('observe', '--duration', '500ms', '--by', 'process');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^tunesmith observe · Linux .* · by process/);
    expect(stdout).toMatch(/\n +PID +NAME +P99/);
  });
});

describe('bad input', () => {
  it.each([
    [['--duration', '0s'], /--duration/],
    [['--every', '0'], /--every/],
    [['--budget', '101%'], /--budget: "101%" is no share of a CPU/],
    [['--pmc', 'cyclez'], /pmc\.0: "cyclez" is refused/],
    [['--by', 'thread'], /--by/],
    [['--cgroup', '/nowhere'], /cgroup \/nowhere: No such file/],
    [['--pid', 'x'], /--pid/],
    [['--sort', 'name'], /--sort/],
    [['--pid', '999999'], /--pid: 999999 is no process of this PID namespace/],
    [['--name', '('], /--name: "\(" is no regular expression/],
    [['--interval', '0s'], /--interval/],
    [['--hierarchy', 'v3'], /--hierarchy/],
  ])('%j is refused by name', async (args, words) => {
    const { code, stdout, stderr } = await tunesmith('observe', ...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(words);
  });
});
