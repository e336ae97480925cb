import { describe, expect, it } from 'vitest';
import { CASES, caseOf, chosenCases } from '../../src/bench/synthesis/cases.js';
import { phaseNs, refereeEffort, searchEfforts } from '../../src/synthesis/efforts.js';
import { meanMetrics, meanOf } from '../../src/synthesis/means.js';
import { behaviour, latencyMetric } from '../../src/synthesis/search/behaviour.js';
import { WORKLOADS, workloadByName } from '../../src/workloads/index.js';

describe('means over seeds', () => {
  it('are of all, or there are none', () => {
    expect(meanOf([1, 2, 6])).toBe(3);
    expect(meanOf([1, null])).toBeNull();
    expect(meanOf([])).toBeNull();
    expect(meanMetrics([{ a: 1, b: 2 }, { a: 3 }])).toEqual({ a: 2 });
    expect(meanMetrics([])).toEqual({});
  });
});

describe('efforts', () => {
  it.each(Object.values(WORKLOADS))('grow, for $name, and the referee has seeds of its own', (workload) => {
    const efforts = searchEfforts(workload);
    const cost = efforts.map(({ windowNs, seeds }) => windowNs * seeds.length);
    expect(cost).toEqual([...cost].sort((a, b) => a - b));
    for (const { windowNs, rigour } of efforts) {
      expect(windowNs).toBeLessThanOrEqual(workload.windowNs);
      expect(rigour).toBe('search');
    }
    const seeds = [...efforts, refereeEffort(workload, 7)].flatMap((effort) => effort.seeds);
    expect(new Set(seeds).size).toBe(seeds.length);
    const windowNs = Math.max(workload.windowNs, 3e9);
    expect(refereeEffort(workload)).toMatchObject({ rigour: 'referee', windowNs });
  });
});

describe('seeds', () => {
  it('are other moments to begin at where nothing is random', () => {
    const seeds = [1, 11, 21, 22, 23, 31, 101, 102, 103, 104, 105];
    const phases = (name: string) => seeds.map((seed) => phaseNs(workloadByName(name), seed));
    expect(new Set(phases('mixed'))).toEqual(new Set([0]));
    const sorted = phases('hackbench').sort((a, b) => a - b);
    const gaps = sorted.slice(1).map((phase, i) => phase - (sorted[i] as number));
    expect(Math.min(...gaps)).toBeGreaterThan(50_000);
    expect(sorted.at(-1)).toBeLessThan(4_000_000);
  });
});

describe('behaviour', () => {
  const own = { runq_latency_p99_ns: 5, wakeup_p99_ns: 100, throughput_per_s: 50, switches_per_s: 10 };

  it('is told by the load’s own tail, throughput and switches, against the kernel’s own scheduler', () => {
    expect(latencyMetric(own)).toBe('wakeup_p99_ns');
    expect(behaviour(own, own)).toBe('latency alike, throughput alike, switches alike');
    const other = { wakeup_p99_ns: 40, throughput_per_s: 56, switches_per_s: 20 };
    expect(behaviour(other, own)).toBe('latency far less, throughput more, switches far more');
  });

  it('says what it does not know', () => {
    expect(behaviour({ throughput_per_s: 44 }, own)).toBe(
      'latency unknown, throughput less, switches unknown',
    );
  });
});

describe('the cases of the bench', () => {
  it('are five loads on two machines, and can be chosen', () => {
    expect(CASES).toHaveLength(10);
    expect(chosenCases(undefined)).toEqual(CASES);
    expect(chosenCases('wakeup/2, pgbench/4')).toEqual(['wakeup/2', 'pgbench/4']);
    expect(() => chosenCases('wakeup/3')).toThrow(/--cases.*wakeup\/3.*is no case/);
    expect(caseOf('forkstorm/4')).toMatchObject({
      cpus: 4,
      objective: { metric: 'throughput_per_s', direction: 'higher' },
    });
  });
});
