import { describe, expect, it } from 'vitest';
import { machineShape } from '../../src/lab/shape.js';
import type { TrialSpec } from '../../src/lab/trial.js';
import { coursesOf, figuresOf, stepsOf } from '../../src/verify/course.js';
import { PROBES } from '../../src/verify/probes/index.js';

const BASE: TrialSpec = {
  kernelSha256: 'k',
  imageSha256: 'i',
  qemuVersion: '10.0.2',
  shape: machineShape({ cpus: 2, memoryMib: 256 }),
  workload: 'stressors',
  parameters: {},
  knobs: {},
  seed: 1,
  warmupNs: 10,
  windowNs: 100,
  windows: 1,
};
const POLICY = { object: Buffer.from('an object') };
const courses = coursesOf(PROBES);

describe('courses', () => {
  it('hold every probe once, with probes of as many CPUs, or alone', () => {
    expect(new Set(courses.flatMap(({ probes }) => probes))).toEqual(new Set(PROBES));
    for (const { cpus, probes } of courses) {
      expect(probes.every((probe) => probe.cpus === cpus)).toBe(true);
      expect(probes.length === 1 || probes.every(({ alone }) => !alone)).toBe(true);
    }
    const shared = courses.filter(({ probes }) => !probes[0]?.alone).map(({ cpus }) => cpus);
    expect(new Set(shared).size).toBe(shared.length);
  });

  it('attach a policy once, and again for each window of a reload', () => {
    for (const course of courses) {
      const own = stepsOf(course, BASE);
      const [attach, ...under] = stepsOf(course, BASE, POLICY);
      expect(attach).toMatchObject({ op: 'policy_attach', policy: { timeout_ms: 1000 } });
      expect(under).toHaveLength(own.length);
      const reloads = course.probes.flatMap((probe) =>
        Array(probe.reloads ?? 1).fill(probe.reloads !== undefined),
      );
      expect(under.map((step) => 'policy' in step)).toEqual(reloads);
      expect(own.some((step) => 'policy' in step)).toBe(false);
    }
  });

  it('give a probe of several windows their mean', () => {
    const reply = (switches: number) => ({
      metrics: { switches_per_s: switches },
      distributions: {},
      knobs: {},
      window_ns: 1,
      tsc: 1,
    });
    expect(figuresOf([reply(1), reply(3)])).toMatchObject({ switches_per_s: 2 });
  });
});
