import { checkRequest } from '../../change/request.js';
import { parseChangeScope } from '../../change/scope.js';
import { usageError } from '../../errors.js';
import { assertOrdinary } from '../../host/ordinary.js';
import { HOST_SCHEDULER } from '../../host/scheduler.js';
import { parseSettings } from '../../knobs/parse.js';
import { guarded, guardrailFrom } from '../guards.js';
import { hold } from '../hold.js';
import { operator } from '../operator.js';
import { makeOutput } from '../output.js';
import { ttlFrom } from '../ttl.js';
import { withChanges } from '../with-changes.js';

export interface StageFlags {
  readonly set: string[];
  readonly scope?: string;
  readonly force?: boolean;
  readonly ttl: string;
  readonly key?: string;
  readonly reason?: string;
  readonly guard: string[];
  readonly json?: boolean;
}

/** `change stage`. All that was typed is checked before the machine is watched or anything is staged. */
export async function stage(flags: StageFlags): Promise<void> {
  const out = makeOutput(flags.json ?? false);
  if (flags.set.length === 0)
    throw usageError('--set', '', 'names no knob', 'for example --set base_slice_ns=3ms');
  const guardrails = flags.guard.map(guardrailFrom);
  const request = {
    ...{ values: parseSettings(flags.set, HOST_SCHEDULER, 'host'), caller: operator() },
    ...{ ttlMs: ttlFrom(flags.ttl), scope: flags.scope, reason: flags.reason },
    idempotencyKey: flags.key,
  };
  const { scope } = checkRequest(request);
  const parsed = parseChangeScope(scope);
  if (!flags.force) assertOrdinary(parsed, scope);
  await withChanges(async (changes) => {
    // What the kernel refuses is told before the guardrails' second, too.
    changes.preview(request);
    await guarded(guardrails, out.note, async (watch) => {
      await hold(changes, await changes.stageWatched({ ...request, ...watch }), out);
    });
  });
}
