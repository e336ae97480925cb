import { z } from 'zod';
import type { PolicyRequest } from '../../../change/types.js';
import { policyAdvice } from '../../../govern/advice.js';
import type { Policy } from '../../../policies/catalogue.js';
import { checkTunables, namedPolicy } from '../../desk/policies.js';
import { tool, type Visit } from '../../tool.js';
import { changeView } from '../os/change-view.js';
import { guardrailsOf, stageInput, stageOutput } from '../os/stage.js';
import { policyName, tunableValues } from './subject.js';

const { scope: _, ...common } = stageInput;

const input = z.strictObject({
  policy: policyName,
  tunables: tunableValues,
  watchdog_ms: z
    .int()
    .min(100)
    .max(30_000)
    .default(3000)
    .describe('the longest a task may wait before the kernel ejects the policy'),
  ...common,
});
type Arguments = z.output<typeof input>;

const defaultsOf = ({ manifest }: Policy): Record<string, number> =>
  Object.fromEntries(manifest.tunables.map(({ name, default: value }) => [name, value]));

async function requestOf(args: Arguments, { caller, services }: Visit): Promise<PolicyRequest> {
  return {
    object: await services.policies.object(namedPolicy(args.policy)),
    tunables: args.tunables,
    timeoutMs: args.watchdog_ms,
    ttlMs: args.ttl_sec * 1000,
    idempotencyKey: args.idempotency_key,
    caller,
    reason: args.reason,
    ...guardrailsOf(args, services),
  };
}

export const applyStaged = tool({
  name: 'os.policy.apply_staged',
  title: 'Put a policy in force for a while',
  description:
    'Makes a policy of the repository this machine’s scheduler for ttl_sec, after it was compiled for this kernel and ' +
    'its verifier let it pass. Returns a change_token for os_policy_commit and os_policy_revert. The kernel’s own ' +
    'scheduler comes back when the time is over, when this server or its deadman dies, when error events rise, or when ' +
    'the kernel ejects the policy, which then may not come back for a while.',
  effect: 'stage',
  input,
  output: stageOutput,
  touches: ({ policy, tunables }) => {
    const found = namedPolicy(policy);
    checkTunables(found, tunables);
    return { policy, values: tunables, current: defaultsOf(found), scope: 'machine', risk: 'high' };
  },
  run: async (args, visit) => {
    const { changes, governor, metrics } = visit.services;
    const request = await requestOf(args, visit);
    if (args.dry_run || governor.advice) {
      const preview = changes.previewPolicy(request);
      const why = args.dry_run ? 'a dry run was asked for' : 'the rules file says mode: advice';
      const reasons = [why, ...(args.reason === undefined ? [] : [args.reason])];
      return {
        staged: false,
        advice: policyAdvice(preview, args.policy, reasons),
        warnings: [...preview.warnings],
      };
    }
    if (args.guardrails !== undefined) await metrics.read();
    const { change, token, warnings, repeated } = await changes.stagePolicy(request);
    return {
      staged: true,
      change_token: token,
      change: changeView(change),
      repeated,
      warnings: [...warnings],
    };
  },
});
