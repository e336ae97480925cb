import { z } from 'zod';
import { parseChangeScope } from '../../../change/scope.js';
import type { StageRequest } from '../../../change/types.js';
import { usageError } from '../../../errors.js';
import { adviceOf } from '../../../govern/advice.js';
import { assertOrdinary } from '../../../host/ordinary.js';
import { reachOf } from '../../../host/reach.js';
import { riskOf } from '../../../knobs/risk.js';
import type { KnobValues } from '../../../knobs/types.js';
import { nearHint } from '../../../near.js';
import type { Guardrail } from '../../../workloads/types.js';
import { SCHEDULER_METRICS } from '../../desk/metrics.js';
import type { Services } from '../../services.js';
import type { Touches, Visit } from '../../tool.js';
import { changeSchema, changeView } from './change-view.js';
import { scopeSchema, scopeText } from './scope.js';

const guardrail = z.strictObject({
  metric: z.enum(Object.keys(SCHEDULER_METRICS) as [string, ...string[]]),
  rule: z.enum(['at most', 'at least', 'at most × default', 'at least × default']),
  value: z.number(),
});

/** What every staging tool takes besides values. */
export const stageInput = {
  scope: scopeSchema.optional(),
  ttl_sec: z
    .int()
    .min(1)
    .max(86_400)
    .default(60)
    .describe('it puts itself back after so long, unless committed'),
  idempotency_key: z
    .string()
    .regex(/^[\w.:-]{1,128}$/)
    .optional()
    .describe('the same key with the same arguments gives the same change again, not another'),
  guardrails: z
    .array(guardrail)
    .max(8)
    .optional()
    .describe('judged each second while it is staged; a breach puts it back at once'),
  reason: z.string().max(500).optional().describe('goes into the ledger'),
  dry_run: z.boolean().default(false).describe('advise instead: what would change, why, and how to undo it'),
};

export const stageOutput = z.object({
  staged: z.boolean(),
  change_token: z.string().optional().describe('commits or reverts it; keep it to yourself'),
  change: changeSchema.optional(),
  repeated: z.boolean().optional().describe('it had been staged before under this idempotency key'),
  advice: z
    .object({
      id: z.string().describe('the same for the same advice'),
      scope: z.string(),
      before: z.record(z.string(), z.number()),
      after: z.record(z.string(), z.number()),
      reasons: z.array(z.string()),
      apply: z.string(),
      undo: z.string(),
    })
    .optional(),
  warnings: z.array(z.string()),
});

/** The arguments all staging tools have in common. */
export interface StageArguments {
  readonly scope?: z.output<typeof scopeSchema> | undefined;
  readonly ttl_sec: number;
  readonly idempotency_key?: string | undefined;
  readonly guardrails?: readonly z.output<typeof guardrail>[] | undefined;
  readonly reason?: string | undefined;
  readonly dry_run: boolean;
}

const requestOf = (values: KnobValues, args: StageArguments, { caller, services }: Visit): StageRequest => ({
  values,
  caller,
  scope: scopeText(args.scope),
  ttlMs: args.ttl_sec * 1000,
  idempotencyKey: args.idempotency_key,
  reason: args.reason,
  ...guardrailsOf(args, services),
});

/** The guardrails of a call, and where their figures come from. */
export const guardrailsOf = (
  { guardrails }: Pick<StageArguments, 'guardrails'>,
  { metrics }: Services,
): Pick<StageRequest, 'guardrails' | 'metrics'> =>
  guardrails === undefined
    ? {}
    : {
        guardrails: guardrails.map((rail): Guardrail => ({ ...rail, why: 'asked for with the change' })),
        metrics: metrics.source(),
      };

/** What the rules judge: the values as the kernel would get them, against those in force. */
export function stageTouches(values: KnobValues, args: StageArguments, visit: Visit): Touches {
  const preview = visit.services.changes.preview(requestOf(values, args, visit));
  const risk = riskOf(Object.keys(values));
  assertOrdinary(parseChangeScope(preview.scope), preview.scope);
  return {
    values,
    current: preview.before,
    scope: preview.scope,
    reaches: reachOf(preview.scope),
    ...(risk === undefined ? {} : { risk }),
  };
}

export async function stage(
  values: KnobValues,
  args: StageArguments,
  visit: Visit,
): Promise<z.input<typeof stageOutput>> {
  const { changes, governor, metrics } = visit.services;
  const request = requestOf(values, args, visit);
  if (args.dry_run || governor.advice) {
    const preview = changes.preview(request);
    const why = args.dry_run ? 'a dry run was asked for' : 'the rules file says mode: advice';
    const advice = adviceOf(preview, [why, ...(args.reason === undefined ? [] : [args.reason])]);
    return {
      staged: false,
      advice: {
        ...advice,
        before: { ...advice.before },
        after: { ...advice.after },
        reasons: [...advice.reasons],
      },
      warnings: [...preview.warnings],
    };
  }
  // Guardrails compare with a second of the machine as it was.
  if (args.guardrails !== undefined) await metrics.read();
  const { change, token, warnings, repeated } = await changes.stageWatched(request);
  return { staged: true, change_token: token, change: changeView(change), repeated, warnings: [...warnings] };
}

/** @throws TunesmithError (usage) for no knob at all or one that is not known here */
export function checkNames(values: KnobValues, known: readonly string[]): void {
  const names = Object.keys(values);
  if (names.length === 0) throw usageError('values', values, 'names no knob', `known: ${known.join(', ')}`);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw usageError('values', unknown, 'is no knob', nearHint(unknown, known));
}
