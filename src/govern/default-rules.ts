/**
 * What holds without a rules file: anybody who got in may look, measure and use the lab, may put back what they
 * staged, and asks a person before anything is staged or kept. Steps are held to half of the value in force.
 */
export const DEFAULT_RULES = `version: 1
rules:
  - name: look
    tools: [os.scheduler.describe, os.scheduler.get_params, os.scheduler.list_changes, os.policy.list,
      os.policy.show, resource.*]
    decide: allow
  - name: measure
    tools: [observability.**]
    rate: { max: 120, per: 1m }
    decide: allow
  - name: lab
    tools: [lab.**, os.policy.check, os.policy.trial]
    decide: allow
  - name: put-back
    tools: [os.scheduler.revert_params, os.policy.revert]
    decide: allow
  - name: stage
    tools: [os.scheduler.set_cfs_params_staged, os.scheduler.set_params_staged]
    limits:
      latency_ns: { max_step: 50% }
      min_granularity_ns: { max_step: 50% }
      wakeup_granularity_ns: { max_step: 50% }
      base_slice_ns: { max_step: 50% }
      ttl_sec: { max: 10m }
    rate: { max: 30, per: 1m }
    decide: ask
  - name: stage-policy
    tools: [os.policy.apply_staged]
    limits: { ttl_sec: { max: 10m } }
    rate: { max: 6, per: 1m }
    decide: ask
  - name: keep
    tools: [os.scheduler.commit_params, os.policy.commit]
    decide: ask
`;
