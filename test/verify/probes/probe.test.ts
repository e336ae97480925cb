import { describe, expect, it } from 'vitest';
import { PROBES } from '../../../src/verify/probes/index.js';
import { breaches, type Probe } from '../../../src/verify/probes/probe.js';
import { ALWAYS, FAIRNESS, FORKS, OVERHEAD, WEIGHTS } from '../../../src/verify/probes/rails.js';
import { resolveParameters } from '../../../src/workloads/index.js';
import { stressors } from '../../../src/workloads/stressors.js';

const probe: Probe = {
  name: 'all',
  about: 'every rail',
  parameters: {},
  cpus: 2,
  windowNs: 1,
  rails: [...ALWAYS, ...FAIRNESS, ...WEIGHTS, ...OVERHEAD, ...FORKS],
};
const own = {
  wakeup_p99_ns: 1e6,
  longest_wait_ns: 6e6,
  fairness_jain: 1,
  weight_ratio: 3,
  idle_while_queued_share: 0,
  switches_per_s: 2000,
  migrations_per_s: 10,
  throughput_per_s: 80_000,
  fork_errors: 0,
  memory_taken_bytes: 0,
  ipis_per_s: 1500,
};
const rulesOf = (more: Partial<typeof own>): string[] =>
  breaches(probe, { ...own, ...more }, own).map(({ rail }) => rail.rule);

describe('probes', () => {
  it('are asked with parameters that the workload knows, and judged by figures that it has', () => {
    for (const { parameters, rails } of PROBES) {
      expect(() => resolveParameters(stressors, parameters)).not.toThrow();
      const known = { ...stressors.metrics, ipis_per_s: 'counted beside the windows' };
      expect(rails.filter(({ metric }) => !(metric in known))).toEqual([]);
    }
    expect(new Set(PROBES.map(({ name }) => name)).size).toBe(PROBES.length);
    expect(PROBES.some(({ cpus }) => cpus > 4)).toBe(true);
  });

  it('let through what the kernel’s own scheduler does', () => expect(rulesOf({})).toEqual([]));

  it.each([
    [{ wakeup_p99_ns: 200e6 }, 'trial/latency'],
    [{ longest_wait_ns: 500e6 }, 'trial/latency'],
    [{ fairness_jain: 0.5 }, 'trial/fairness'],
    [{ weight_ratio: 1 }, 'trial/fairness'],
    [{ weight_ratio: 7 }, 'trial/fairness'],
    [{ idle_while_queued_share: 0.5 }, 'trial/idle-while-queued'],
    [{ switches_per_s: 30_000 }, 'trial/switch-rate'],
    [{ migrations_per_s: 5000 }, 'trial/migration-rate'],
    [{ throughput_per_s: 40_000 }, 'trial/overhead'],
    [{ ipis_per_s: 10_000 }, 'trial/ipi-rate'],
    [{ fork_errors: 1 }, 'trial/fork-errors'],
    [{ memory_taken_bytes: 16 * 2 ** 20 }, 'trial/memory'],
  ])('catch %j by %s', (figures, rule) => expect(rulesOf(figures)).toEqual([rule]));

  it.each([100, 0.1])('catch starving by nice value whatever the policy says of weights: %d', (ratio) => {
    const broken = breaches(probe, { ...own, weight_ratio: ratio }, own).map(({ rail }) => rail);
    expect(broken.map(({ rule, onlyIf }) => [rule, onlyIf])).toEqual([
      ['trial/fairness', undefined],
      ['trial/fairness', 'weighted'],
    ]);
  });

  it('judge by nothing that was not measured', () => expect(breaches(probe, {}, own)).toEqual([]));

  it('say the figure, the limit and the kernel’s own', () => {
    const [breach] = breaches(probe, { ...own, longest_wait_ns: 500e6 }, own);
    expect(breach?.message).toMatch(/all: longest_wait_ns is 500\.0 ms, above 400\.0 ms .*own: 6\.0 ms/);
  });
});
