/** Tunesmith as a library. */
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
