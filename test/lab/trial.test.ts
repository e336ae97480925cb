import { describe, expect, it } from 'vitest';
import { canonical } from '../../src/canonical.js';
import { failureOf } from '../../src/lab/session.js';
import { machineShape } from '../../src/lab/shape.js';
import { stepRequest } from '../../src/lab/step.js';
import {
  baseKey,
  describeReply,
  inForceIn,
  measureReply,
  type TrialResult,
  type TrialSpec,
  toMeasurement,
  trialKey,
} from '../../src/lab/trial.js';
import { WorkloadDied } from '../../src/workloads/died.js';

const SPEC: TrialSpec = {
  kernelSha256: 'k',
  imageSha256: 'i',
  qemuVersion: '10.0.2',
  lockstepSha256: 'c'.repeat(64),
  shape: machineShape({ cpus: 4, sockets: 2, nodes: 2, memoryMib: 256 }),
  workload: 'mixed',
  parameters: { hogs: 4, interval_ns: 1000 },
  knobs: { base_slice_ns: 3_000_000 },
  seed: 1,
  warmupNs: 10,
  windowNs: 100,
  windows: 1,
};

type Leaf = string | number;

/** Every way to change one value of a spec: each leaf by itself, and each record by one more entry. */
function changed(value: unknown, path = ''): [string, unknown][] {
  if (typeof value === 'number') return [[path, value + 1]];
  if (typeof value === 'string') return [[path, `${value}x`]];
  const record = value as Record<string, unknown>;
  const deeper = Object.entries(record).flatMap(([name, item]) =>
    changed(item, `${path}.${name}`).map(([where, other]): [string, unknown] => [
      where,
      { ...record, [name]: other },
    ]),
  );
  return path.endsWith('parameters') || path.endsWith('knobs')
    ? [...deeper, [`${path}.more`, { ...record, more: 1 }]]
    : deeper;
}

const VARIANTS = changed(SPEC) as [string, TrialSpec][];
const BESIDE_THE_BASE = /^\.(knobs|seed|warmupNs|windowNs|windows)/;

describe('a trial’s key', () => {
  it('changes with every field there is', () => {
    const leaves = (value: unknown): Leaf[] =>
      typeof value === 'object' ? Object.values(value as object).flatMap(leaves) : [value as Leaf];
    expect(VARIANTS).toHaveLength(leaves(SPEC).length + 2);
    const keys = new Set([SPEC, ...VARIANTS.map(([, spec]) => spec)].map(trialKey));
    expect(keys.size).toBe(VARIANTS.length + 1);
  });

  it.each(VARIANTS)('has another base with another %s, unless it is set after the snapshot', (path, spec) => {
    expect(baseKey(spec) === baseKey(SPEC)).toBe(BESIDE_THE_BASE.test(path));
  });

  it('does not depend on the order in which things were named', () => {
    const turned = (value: unknown): unknown =>
      typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([name, item]) => [name, turned(item)]),
          )
        : value;
    expect(trialKey(turned(SPEC) as TrialSpec)).toBe(trialKey(SPEC));
    expect(canonical({ b: [1, { d: 1, c: null }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":null,"d":1}]}');
  });
});

describe('what goes to and comes from the agent', () => {
  it('is the spec, with knobs by their place in debugfs', () => {
    expect(stepRequest(SPEC)).toEqual({
      op: 'measure',
      knobs: [{ name: 'base_slice_ns', path: 'sched/base_slice_ns', value: 3_000_000 }],
      params: SPEC.parameters,
      seed: 1,
      warmup_ns: 10,
      window_ns: 100,
    });
  });

  const reply = {
    metrics: { throughput_per_s: 200, idle_share: 0.25, other: 1 },
    distributions: { wakeup: [[1024, 3]] },
    knobs: { nr_migrate: 32 },
    window_ns: 5,
    tsc: 7,
  };

  it('is corrected for the pooled clock where it tells how much was idle', () => {
    const { metrics, windowNs } = toMeasurement(measureReply.parse(reply));
    expect(metrics).toEqual({ ...reply.metrics, throughput_corrected_per_s: 150 });
    expect(windowNs).toBe(5);
    const idle = { ...reply, metrics: { idle_share: 0.25 } };
    expect(toMeasurement(measureReply.parse(idle)).metrics).toEqual({ idle_share: 0.25 });
  });

  it.each([
    ['no number', { ...reply, metrics: { throughput_per_s: 'many' } }],
    ['NaN, which JSON has not', { ...reply, metrics: { idle_share: null } }],
    ['no metrics', { ...reply, metrics: undefined }],
    ['half a row', { ...reply, distributions: { wakeup: [[1]] } }],
  ])('is refused with %s', (_, bad) => {
    expect(measureReply.safeParse(bad).success).toBe(false);
    expect(describeReply.safeParse(bad).success).toBe(false);
  });
});

describe('what was in force in a trial', () => {
  const policy = { sha256: 'p', tunables: {}, timeoutMs: 3000 };
  const tag = (spec: TrialSpec, knobs: Record<string, number>, ...held: boolean[]) => {
    const runs = held.map((is) => ({ held: is })) as unknown as TrialResult['policyRuns'];
    return inForceIn(spec, runs?.length ? { knobs, policyRuns: runs } : { knobs });
  };

  it('is the same from first to last when the guest read what was asked', () => {
    const { first, last } = tag(SPEC, { ...SPEC.knobs });
    expect(last).toBe(first);
    expect(tag({ ...SPEC, knobs: { base_slice_ns: 1 } }, { base_slice_ns: 1 }).first).not.toBe(first);
    expect(tag({ ...SPEC, policy }, SPEC.knobs, true).first).not.toBe(first);
  });

  it('differs when a knob did, or the kernel ejected the policy in any window', () => {
    const knob = tag(SPEC, { base_slice_ns: 2_999_999 });
    expect(knob.last).not.toBe(knob.first);
    const held = tag({ ...SPEC, policy }, SPEC.knobs, true, true);
    expect(held.last).toBe(held.first);
    const ejected = tag({ ...SPEC, policy }, SPEC.knobs, false, true);
    expect(ejected.last).not.toBe(ejected.first);
  });
});

it.each([
  ['pgbench ended early: FATAL: too many clients', true],
  ['pgbench: exit status 1: could not connect', true],
  ['stress-ng: still running after 30000 ms of virtual time', true],
  ['knob base_slice_ns: wrote 1, kernel has 2', false],
  ['parameter missing: clients', false],
  ['open for writing: /sys/kernel/debug/sched/x: No such file or directory', false],
])('the agent’s words %j are the workload’s own death: %s', (words, died) => {
  const error = failureOf(words);
  expect([error instanceof WorkloadDied, error.code]).toEqual([died, 'guest']);
  expect(error.message).toBe(`the guest’s agent: ${words}`);
});
