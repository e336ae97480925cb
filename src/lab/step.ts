import { KNOBS } from '../knobs/catalogue.js';
import { type PolicySpec, policyRequest } from './policy.js';
import type { TrialSpec } from './trial.js';

/** The agent's `measure` request for a trial; `object` is the policy's, when it has one. */
export function stepRequest(spec: TrialSpec, object?: Buffer): object {
  const knobs = KNOBS.filter(({ name }) => spec.knobs[name] !== undefined).map(({ name, debugfs }) => ({
    name,
    path: debugfs,
    value: spec.knobs[name],
  }));
  return {
    op: 'measure',
    knobs,
    params: spec.parameters,
    seed: spec.seed,
    warmup_ns: spec.warmupNs,
    window_ns: spec.windowNs,
    ...(spec.telemetry === false ? { telemetry: false } : {}),
    ...(spec.policy === undefined ? {} : { policy: policyRequest(spec.policy, object) }),
  };
}

/** The agent's request to load a policy and keep it in force over the steps that follow. */
export const attachRequest = (policy: PolicySpec, object: Buffer | undefined): object => ({
  op: 'policy_attach',
  policy: policyRequest(policy, object),
});
