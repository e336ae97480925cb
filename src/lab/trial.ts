import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonical } from '../canonical.js';
import { inForceHash } from '../change/in-force.js';
import type { KnobValues } from '../knobs/types.js';
import type { Measurement } from '../workloads/types.js';
import { type PolicyRun, type PolicySpec, policyReply, policyRunSchema } from './policy.js';
import { type MachineShape, machineIdentity } from './qemu.js';

/** Everything that can change a trial's result. */
export interface TrialSpec {
  readonly kernelSha256: string;
  readonly imageSha256: string;
  readonly qemuVersion: string;
  /** Of what is preloaded into an exact guest's QEMU (native/lab/lockstep.c). */
  readonly lockstepSha256: string;
  readonly shape: MachineShape;
  readonly workload: string;
  /** All parameters of the workload, resolved. */
  readonly parameters: Readonly<Record<string, number>>;
  /** What is set before the window; knobs not named keep the kernel's default. */
  readonly knobs: KnobValues;
  readonly seed: number;
  readonly warmupNs: number;
  readonly windowNs: number;
  /** Windows measured one after the other in one guest, each with a seed of its own; the result is their mean. */
  readonly windows: number;
  /** False: without the sampler's programs, to see what they change; absent: with them. */
  readonly telemetry?: false;
  /** The sched_ext policy in force from before the warm-up to the end of each window; none: the kernel’s own. */
  readonly policy?: PolicySpec;
}

/** One measured run. `rigour` says how it was had: from a snapshot, or by a cold boot. */
export interface TrialResult extends Measurement {
  readonly key: string;
  readonly rigour: 'search' | 'referee';
  /** What became of the policy, window by window; absent without one. */
  readonly policyRuns?: readonly PolicyRun[] | undefined;
  /** Guest TSC at the first gate and at the end of the step: equal for equal histories. */
  readonly fingerprint: { readonly start: string; readonly end: string };
  readonly cached: boolean;
  readonly wallMs: number;
}

/**
 * Of what is made of an agent's reply here (`toMeasurement`, `combined`, `policyRun`). Whoever changes what a reply comes
 * to raises it, or results of the old arithmetic would be returned from caches for ever.
 */
const RESULT_VERSION = 1;

const hashOf = (value: unknown): string =>
  createHash('sha256').update(canonical(value)).digest('hex').slice(0, 40);

/** The guest a trial starts from: the same base has the same snapshot and the same fingerprint. */
export const baseKey = (spec: TrialSpec): string =>
  hashOf({
    kernel: spec.kernelSha256,
    image: spec.imageSha256,
    qemu: [spec.qemuVersion, spec.lockstepSha256, machineIdentity(spec.shape)],
    shape: spec.shape,
    workload: spec.workload,
    parameters: spec.parameters,
  });

/** The same for a guest that has its only step on board when it boots: reading it is part of the boot. */
export const onceKey = (spec: TrialSpec, step: object): string => hashOf({ base: baseKey(spec), step });

/** Several steps in one guest of that spec: what is asked of it decides what it answers. */
export const courseKey = (spec: TrialSpec, steps: readonly object[]): string =>
  hashOf({ base: baseKey(spec), steps, result: RESULT_VERSION });

/** The trial's key and the cache's key. */
export const trialKey = (spec: TrialSpec): string =>
  hashOf({
    base: baseKey(spec),
    result: RESULT_VERSION,
    knobs: spec.knobs,
    seed: spec.seed,
    warmup: spec.warmupNs,
    window: spec.windowNs,
    windows: spec.windows,
    ...(spec.telemetry === false ? { telemetry: false } : {}),
    ...(spec.policy === undefined ? {} : { policy: spec.policy }),
  });

/**
 * What was in force in a trial, from first to last instant. The agent reads back what it sets before it begins, so the
 * trial began with what its key names; the end is what the guest read after the last window, under the policy as long
 * as the kernel held it in every window.
 */
export function inForceIn(
  { knobs, policy }: TrialSpec,
  result: Pick<TrialResult, 'knobs' | 'policyRuns'>,
): NonNullable<Measurement['inForce']> {
  const asked = policy === undefined ? null : canonical(policy);
  const held = result.policyRuns?.every((run) => run.held) ?? true;
  return { first: inForceHash(knobs, asked), last: inForceHash(result.knobs, held ? asked : null) };
}

const figures = z.record(z.string(), z.number());

/** What the agent answers to `measure`. A guest is not trusted: anything else is an error. */
export const measureReply = z.object({
  metrics: figures,
  distributions: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
  knobs: figures,
  window_ns: z.number(),
  tsc: z.number(),
  policy: policyReply.optional(),
});

const inForce = z.object({ first: z.string(), last: z.string() });

/** A trial's result as it is kept: a cache is a file like any other, so what is read back is checked. */
export const trialResult = z.object({
  metrics: figures,
  distributions: measureReply.shape.distributions,
  knobs: figures,
  windowNs: z.number(),
  inForce: inForce.optional(),
  noFigure: z.object({ cause: z.enum(['died', 'mixed']), why: z.string() }).optional(),
  key: z.string(),
  rigour: z.enum(['search', 'referee']),
  policyRuns: z.array(policyRunSchema).optional(),
  fingerprint: z.object({ start: z.string(), end: z.string() }),
  cached: z.boolean(),
  wallMs: z.number(),
}) satisfies z.ZodType<TrialResult>;

/** The replies of a course as they are kept; each is checked by whoever asked for it. */
export const courseReplies = z.object({ replies: z.array(z.record(z.string(), z.unknown())) });

/** What the agent answers to `describe`. */
export const describeReply = z.object({
  release: z.string(),
  version: z.string(),
  machine: z.string(),
  cpus: z.int(),
  workload: z.string(),
  knobs: figures,
  btf: z.boolean(),
  sched_ext: z.boolean(),
});

export type GuestDescription = z.infer<typeof describeReply>;

/**
 * A reply as a measurement. Throughput is also given corrected for the pooled clock (lab.md, "known limits"):
 * an idle CPU lends its instructions to the busy ones, so work is scaled by the share of CPU that was busy.
 */
export function toMeasurement(reply: z.infer<typeof measureReply>): Measurement {
  const { throughput_per_s: raw, idle_share: idle } = reply.metrics;
  const corrected =
    raw === undefined || idle === undefined ? {} : { throughput_corrected_per_s: raw * (1 - idle) };
  return {
    metrics: { ...reply.metrics, ...corrected },
    distributions: reply.distributions,
    knobs: reply.knobs,
    windowNs: reply.window_ns,
  };
}
