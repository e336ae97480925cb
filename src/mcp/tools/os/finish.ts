import { z } from 'zod';
import { riskOf } from '../../../knobs/risk.js';
import type { Touches, Visit } from '../../tool.js';
import { changeSchema } from './change-view.js';

/** What committing and reverting take. */
export const finishInput = z.strictObject({
  change_token: z.string().max(256).describe('as staging returned it; works for the caller who staged'),
});

export const finishOutput = z.object({ change: changeSchema });

/** What the change of a token touches, for the rules. @throws TunesmithError (usage) for a token of nobody’s */
export function finishTouches({ change_token }: z.output<typeof finishInput>, { services }: Visit): Touches {
  const { after, before, scope } = services.changes.find(change_token);
  const risk = riskOf(Object.keys(after));
  return { values: after, current: before, scope, ...(risk === undefined ? {} : { risk }) };
}
