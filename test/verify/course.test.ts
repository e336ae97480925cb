import { describe, expect, it } from 'vitest';
import { machineShape } from '../../src/lab/shape.js';
import type { TrialSpec } from '../../src/lab/trial.js';
import { coursesOf, figuresOf, stepsOf } from '../../src/verify/course.js';
import { PROBES } from '../../src/verify/probes/index.js';

const BASE: TrialSpec = {
  kernelSha256: 'k',
  imageSha256: 'i',
  qemuVersion: '10.0.2',
  lockstepSha256: 'c'.repeat(64),
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
      const isWindow = (step: object): boolean => 'op' in step && step.op === 'measure';
      expect(attach).toMatchObject({ op: 'policy_attach', policy: { timeout_ms: 1000 } });
      expect(under).toHaveLength(own.length);
      const reloads = course.probes.flatMap((probe) =>
        Array(probe.reloads ?? 1).fill(probe.reloads !== undefined),
      );
      expect(under.filter(isWindow).map((step) => 'policy' in step)).toEqual(reloads);
      expect(own.some((step) => 'policy' in step)).toBe(false);
    }
  });

  it('count interrupts before the first probe and after each, never inside of one', () => {
    for (const course of courses) {
      const ops = stepsOf(course, BASE).map((step) => (step as { op: string }).op);
      const expected = course.probes.flatMap((probe) => [
        ...Array(probe.reloads ?? 1).fill('measure'),
        'export',
      ]);
      expect(ops).toEqual(['export', ...expected]);
    }
  });

  it('give a probe of several windows their mean, and the IPIs between two counts', () => {
    const reply = (switches: number) => ({
      metrics: { switches_per_s: switches },
      distributions: {},
      knobs: {},
      window_ns: 1,
      tsc: 1,
    });
    /** As the agent archives them: headers, names and zeros around the texts. */
    const count = (at: number, ...[reschedules, calls]: [string, string]) => ({
      exported: [
        `070701000proc/uptime\0\0\0${at.toFixed(2)} 1.00\n\x00070701proc/interrupts\0           CPU0       CPU1`,
        `  4:        123          0   IO-APIC   4-edge      ttyS0\n${reschedules}\n${calls}`,
        'TLB:       1000       1000   TLB shootdowns\nERR:          0\n\0TRAILER!!!\0',
      ].join('\n'),
    });
    const before = count(
      10.5,
      'RES:        100         20   Rescheduling interrupts',
      'CAL:          3          4   Function call interrupts',
    );
    const after = count(
      11,
      'RES:        150         70   Rescheduling interrupts',
      'CAL:          3         14   Function call interrupts',
    );
    const figures = figuresOf([reply(1), reply(3)], [before, after]);
    expect(figures).toMatchObject({ switches_per_s: 2, ipis_per_s: 220 });
    expect(() => figuresOf([reply(1)], [before, { exported: 'proc/uptime\x0011.00 1\n' }])).toThrow('RES');
    expect(() => figuresOf([reply(1)], [before, { exported: '' }])).toThrow('uptime');
  });
});
