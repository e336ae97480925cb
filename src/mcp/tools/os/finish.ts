import { z } from 'zod';
import type { Change } from '../../../change/types.js';
import { TunesmithError } from '../../../errors.js';
import { reachOf } from '../../../host/reach.js';
import { riskOf } from '../../../knobs/risk.js';
import type { Touches, Visit } from '../../tool.js';
import { changeSchema } from './change-view.js';

/** What committing and reverting take. */
export const finishInput = z.strictObject({
  change_token: z.string().max(256).describe('as staging returned it; works for the caller who staged'),
});

export const finishOutput = z.object({ change: changeSchema });

/**
 * What the change of a token touches, for the rules.
 * @throws TunesmithError usage for a token of nobody’s, rejected for a change of the other kind: who may keep knobs need
 * not be who may keep policies
 */
export function finishTouches(
  { change_token }: z.output<typeof finishInput>,
  { services }: Visit,
  kind: 'knobs' | 'policy',
): Touches {
  const change = services.changes.find(change_token);
  const { after, before, scope, policy } = change;
  if ((policy !== null) !== (kind === 'policy')) throw otherKind(change);
  if (policy !== null) return { policy, values: after, current: after, scope, risk: 'high' };
  const risk = riskOf(Object.keys(after));
  const reaches = reachOf(scope);
  return { values: after, current: before, scope, reaches, ...(risk === undefined ? {} : { risk }) };
}

/** The rules judge the step to what a revert goes back to, which was fine before: only what it is, scope and risk count. */
export const withoutStep = ({ values: _, current: __, ...rest }: Touches): Touches => rest;

const otherKind = ({ id, policy }: Change): TunesmithError =>
  new TunesmithError(
    'rejected',
    `${id} is a change of ${policy === null ? 'knobs' : `the policy to ${policy}`}`,
    {
      hint:
        policy === null
          ? 'use os_scheduler_commit_params or revert_params'
          : 'use os_policy_commit or revert',
    },
  );
