import { z } from 'zod';

const figures = z.record(z.string(), z.number());
const value = z.number().nullable();

/** A score: one window a seed. */
const score = z.object({
  value: value.describe(
    'the objective’s mean over the seeds; null when the policy did not hold or broke a guardrail',
  ),
  values: z.array(value).describe('one for each seed'),
  metrics: figures.describe('means over the seeds'),
  keys: z.array(z.string()).describe('of the trials'),
  dropped: z.string().optional(),
  unmeasured: z
    .string()
    .optional()
    .describe('why this machine could not measure it: no verdict on the policy'),
});

const effort = z.object({
  rigour: z.enum(['search', 'referee']),
  windowNs: z.number(),
  seeds: z.array(z.int()),
});

const objective = z.object({
  metric: z.string(),
  direction: z.enum(['lower', 'higher']),
  unit: z.string(),
});

const contender = z.object({ name: z.string(), score });

const finalist = contender.extend({
  heldOut: z.array(z.object({ workload: z.string(), objective, own: score, score })),
  rejected: z.array(z.string()),
  unchecked: z.string().optional().describe('why this machine could not check it'),
});

const tried = z.object({
  id: z.string(),
  by: z.enum(['genes', 'model', 'repository']),
  parents: z.array(z.string()),
  words: z.string(),
  tunables: figures,
  value,
  gain: value.describe('over EEVDF at the same effort, a share'),
  cell: z.string().nullable().describe('of the archive of behaviours'),
  metrics: figures,
  elsewhere: figures.optional().describe('gain over EEVDF on another load that the search looked at'),
  dropped: z.string().optional(),
  unmeasured: z.string().optional(),
});

/** result.json of a synthesis. */
export const synthesisSchema = z.object({
  schema: z.literal('tunesmith.synthesis/1'),
  command: z.string().describe('what makes it again'),
  case: z.object({
    workload: z.string(),
    parameters: figures,
    cpus: z.int(),
    kernel: z.string(),
    objective: objective.extend({ meaning: z.string() }),
  }),
  goal: z.string().nullable(),
  guardrails: z.array(z.object({ metric: z.string(), rule: z.string(), value: z.number(), why: z.string() })),
  seed: z.int(),
  proposers: z.array(z.string()),
  budget: z.string(),
  spent: z.object({
    sweepMs: z.number(),
    searchMs: z.number(),
    refereeMs: z.number(),
    candidates: z.int(),
    model: z
      .object({
        name: z.string(),
        calls: z.int(),
        tokens: z.int(),
        usd: z.number().nullable(),
        accepted: z.int(),
        dropped: z.array(z.string()),
        ended: z.string().nullable(),
      })
      .nullable(),
  }),
  ended: z.string().describe('why the search ended'),
  sweep: z.object({
    effort,
    own: score,
    policies: z.array(contender),
    leftOut: z
      .array(z.string())
      .describe('policies that this very search found before: no bar to it, but the referee hears them'),
  }),
  tried: z.array(tried).describe('in the order they were proposed'),
  referee: z.object({
    effort,
    own: contender,
    repository: z.array(contender),
    before: z.array(contender).default([]).describe('policies that this very search found before'),
    finalists: z.array(finalist),
  }),
  selection: z.object({
    decision: z
      .enum(['synthesized', 'repository', 'eevdf', 'undecided'])
      .describe('undecided: too little could be measured'),
    policy: z.string().nullable(),
    reference: z.string(),
    objections: z.record(z.string(), z.array(z.string())),
  }),
  undone: z.array(z.string()).default([]).describe('parts that were not done, and why'),
  missing: z
    .array(
      z.object({
        name: z.string(),
        part: z.enum(['sweep', 'search', 'referee', 'probes', 'unseen loads']),
        why: z.string(),
      }),
    )
    .default([])
    .describe(
      'what this machine did not get measured, though it was tried again: with it the answer may be another',
    ),
  answer: z.string().describe('the decision in words'),
  policy: z
    .object({ name: z.string(), candidate: z.string(), dir: z.string(), recommended: z.boolean() })
    .nullable()
    .describe('the policy folder; null when no candidate passes `policy check`'),
});

export type SynthesisResult = z.infer<typeof synthesisSchema>;
