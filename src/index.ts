/**
 * Tunesmith as a library. What brings the lab along is imported when it is called, so that a sampler alone stays small.
 */
import type { Lab, LabOptions } from './lab/lab.js';
import type { attachStage as AttachStage } from './verify/attach.js';
import type { policyGuests as PolicyGuests } from './verify/guest.js';
import type { loadStage as LoadStage } from './verify/load.js';

export { Transactions } from './change/transactions.js';
export { type ErrorCode, TunesmithError } from './errors.js';
export { Breaker, type BreakerOptions } from './host/policy/breaker.js';
export { type GuardEnd, type GuardOptions, guard } from './host/policy/guard.js';
export type { PolicyStatus, PolicyVariable } from './host/policy/native.js';
export { type Loaded, Policy, type PolicyOptions } from './host/policy/policy.js';
export type { Counter, Counts, CpuFigures, KeyFigures, Measure, Shed } from './telemetry/figures.js';
export type { Histogram, Step } from './telemetry/histogram.js';
export type { PmcName, SamplerOptions, SamplerSettings } from './telemetry/options.js';
export type { Outlier } from './telemetry/outlier.js';
export { Sampler } from './telemetry/sampler.js';
export type { Snapshot } from './telemetry/snapshot.js';

/** A lab; `close()` it at the end. @throws TunesmithError (incapable) when this machine has none */
export const openLab = async (options?: LabOptions): Promise<Lab> =>
  new (await import('./lab/lab.js')).Lab(options);
/** Guests of a kernel (a role, a version, a vmlinuz) in which policies are tried. */
export const policyGuests: typeof PolicyGuests = async (...given) =>
  (await import('./verify/guest.js')).policyGuests(...given);
/** What the kernel's verifier says of a compiled policy (docs/policy-runtime.md). */
export const loadStage: typeof LoadStage = async (...given) =>
  (await import('./verify/load.js')).loadStage(...given);
/** Whether a compiled policy holds as a guest's scheduler (docs/policy-runtime.md). */
export const attachStage: typeof AttachStage = async (...given) =>
  (await import('./verify/attach.js')).attachStage(...given);
