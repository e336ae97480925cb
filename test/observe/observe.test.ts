import { describe, expect, it, vi } from 'vitest';
import { native } from '../../src/native.js';
import { tunesmith } from '../cli/cli.js';

vi.setConfig({ testTimeout: 60_000 });
const capable = native().bpf().program.ok;

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
  ])('%j is refused by name', async (args, words) => {
    const { code, stdout, stderr } = await tunesmith('observe', ...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(words);
  });
});
