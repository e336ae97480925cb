import { z } from 'zod';

/** `*` stands for anything within a part of a dotted or slashed name, `**` for anything. */
const pattern = z
  .string()
  .min(1)
  .max(200)
  .describe('a name; * stands for anything within a part of it, ** for anything');

const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ns|us|µs|ms|s|m|min|h)$/, 'is not a duration such as 500ms or 10s')
  .describe('a duration with its unit: 500ms, 10s, 5m');

const bound = z.union([z.number(), duration]).describe('a number in the argument’s own unit, or a duration');

/** What a rule demands of one argument or knob. */
export const limitSchema = z.strictObject({
  min: bound.optional(),
  max: bound.optional(),
  max_step: z
    .string()
    .regex(/^\d+(\.\d+)?%$/, 'is not a percentage such as 50%')
    .optional()
    .describe('largest change at once, of the value in force: 50% allows 2 ms to become 1 to 3 ms'),
  one_of: z
    .array(z.union([z.number(), z.string()]))
    .min(1)
    .optional(),
});

export const RISKS = ['low', 'medium', 'high'] as const;
export type Risk = (typeof RISKS)[number];
const verdict = z.enum(['allow', 'ask', 'deny']);
export type Verdict = z.infer<typeof verdict>;

export const ruleSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'is not a name of small letters, digits and hyphens')
    .describe('names the rule in refusals and in the ledger'),
  tools: z.array(pattern).min(1).describe('tools it is for: os.scheduler.*, lab.**'),
  callers: z.array(pattern).min(1).optional().describe('callers it is for; none said: all'),
  roles: z.array(pattern).min(1).optional().describe('the caller must have one of these roles'),
  scopes: z
    .array(pattern)
    .min(1)
    .optional()
    .describe('scopes it is for: machine, cgroup:/workload/**; none said: all'),
  knobs: z
    .array(pattern)
    .min(1)
    .optional()
    .describe('every knob of the call must be one of these; not for calls about a policy'),
  policies: z
    .array(pattern)
    .min(1)
    .optional()
    .describe('the call must be about one of these sched_ext policies'),
  limits: z.record(z.string(), limitSchema).optional().describe('by argument or knob'),
  rate: z
    .strictObject({ max: z.int().min(1).max(10_000), per: duration })
    .optional()
    .describe('calls of one caller that this rule lets through in a time'),
  cooldown: duration.optional().describe('least time between two calls it lets through, whoever makes them'),
  decide: z
    .enum(['allow', 'ask', 'deny', 'risk'])
    .describe('risk: as the table `risk` says for the risk of the knobs'),
  approval: z
    .enum(['any', 'out-of-band'])
    .optional()
    .describe('how `ask` asks: through the client where it can (any), or only with tunesmith approve'),
  why: z.string().max(500).optional().describe('shown in a refusal'),
});

export const rulesSchema = z.strictObject({
  version: z.literal(1),
  mode: z.enum(['enforce', 'advice']).optional().describe('advice: changes are only advised, never made'),
  risk: z
    .strictObject({ low: verdict, medium: verdict, high: verdict })
    .optional()
    .describe('what `decide: risk` comes to; unless said low is allowed, medium asked, high denied'),
  callers: z
    .record(z.string(), z.strictObject({ roles: z.array(z.string().min(1).max(64)).max(32) }))
    .optional()
    .describe('roles by caller; a caller that is not listed has none'),
  approval_ttl: duration
    .optional()
    .describe('how long an approval may be waited for and used; 10m unless said'),
  rules: z.array(ruleSchema).max(1000).describe('the first that is for a call decides it; none: denied'),
});

export type RulesFile = z.infer<typeof rulesSchema>;
export type RuleEntry = z.infer<typeof ruleSchema>;
export type Limit = z.infer<typeof limitSchema>;
