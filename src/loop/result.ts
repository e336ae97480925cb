import { z } from 'zod';

/** What a tuning run leaves behind. `result.json` is one `TuneResult`; `cycles.jsonl` one `Cycle` a line. */

const values = z.record(z.string(), z.number());

export const measurementSchema = z.object({
  metrics: z.record(z.string(), z.number()),
  distributions: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
  knobs: values,
  windowNs: z.number(),
  inForce: z
    .object({ first: z.string(), last: z.string() })
    .optional()
    .describe('hashes of knobs and policy in force at the window’s first and last instant'),
  noFigure: z
    .object({ cause: z.enum(['died', 'lost', 'mixed']), why: z.string() })
    .optional()
    .describe(
      'why the window has no figures: the workload died, the machine was lost, or what was in force changed in it',
    ),
});

export const cycleSchema = z.object({
  cycle: z.int().min(0),
  values: values.describe('knob values in force in this cycle, in each knob’s unit'),
  objective: z.number().nullable().describe('null: the window gave no figure'),
  outcome: z.enum(['default', 'kept', 'put back', 'breach', 'rejected']),
  reason: z.string().describe('why the tuner proposed it'),
  note: z.string().describe('why the loop kept it or put it back'),
  measurement: measurementSchema.nullable().describe('medians over the windows where there were several'),
  windows: z.array(z.number()).optional().describe('the objective in each window, where there were several'),
  noise: z.number().optional().describe('half the range of `windows` over their median'),
  extra: z.literal(true).optional().describe('a choice of the model’s own, on top of the cycles asked for'),
  wallMs: z.number(),
});

const confirmed = z.object({
  values,
  objective: z.number(),
  measurement: measurementSchema,
  windows: cycleSchema.shape.windows,
});

export const resultSchema = z.object({
  schema: z.literal('tunesmith.tune/1'),
  command: z.string().describe('regenerates this run'),
  target: z.object({
    name: z.string(),
    kind: z.enum(['lab', 'host']),
    kernel: z.string(),
    scheduler: z.enum(['cfs', 'eevdf']),
    cpus: z.int(),
    qemu: z.string().nullable(),
    scope: z.string().optional().describe('host: whose tasks were changed, as after --scope'),
    service: z.string().optional().describe('host: the names of the processes or the cgroup of the scope'),
  }),
  workload: z.string(),
  parameters: values,
  windowNs: z.number(),
  seed: z.int(),
  tuner: z.string(),
  objective: z.object({
    metric: z.string(),
    direction: z.enum(['lower', 'higher']),
    unit: z.string(),
    meaning: z.string(),
  }),
  knobs: z.array(
    z.object({
      name: z.string(),
      unit: z.string(),
      min: z.number(),
      max: z.number(),
      scale: z.enum(['log', 'linear']),
      default: z.number(),
    }),
  ),
  cycles: z.array(cycleSchema),
  best: z.object({ cycle: z.int(), values, objective: z.number().nullable() }),
  referee: z
    .object({
      default: confirmed,
      best: confirmed,
      gain: z.number(),
      pairs: z
        .object({ of: z.int(), better: z.int(), needed: z.int() })
        .optional()
        .describe('windows of default and best by turns; fewer than `needed` better ones may be chance'),
      finalists: z
        .array(
          z.object({
            cycle: z.int(),
            values,
            objective: z.number().nullable(),
            refereeObjective: z.number().nullable().describe('null: no figure, or a guardrail breached'),
          }),
        )
        .optional()
        .describe('the best settings of the search, of which the referee chose; where it heard several'),
    })
    .nullable()
    .describe(
      'default and best measured again: by cold boots in the lab, in pairs of windows on a host, whose figures ' +
        'are medians; gain is a share, positive is better',
    ),
  rivals: z
    .array(
      z.object({
        name: z.string(),
        values,
        objective: z.number(),
        refereeObjective: z.number().nullable(),
        trials: z.int(),
      }),
    )
    .describe('the same case by other tuners: random, and the grid as oracle'),
  remarks: z
    .array(z.string())
    .optional()
    .describe(
      'what else happened: on a host knobs it refuses, tasks left out, values somebody else changed; why a tuner ' +
        'ended early, and what of its proposals was of no use',
    ),
  models: z
    .array(
      z.object({
        model: z.string(),
        calls: z.int(),
        failures: z.int(),
        inputTokens: z.number(),
        outputTokens: z.number().describe('thoughts included'),
        usd: z.number().nullable().describe('at list prices; null where one is not known'),
        priceSince: z.string().nullable().describe('the day the list price was read'),
        latenciesMs: z.array(z.number()),
      }),
    )
    .optional()
    .describe('the language models the tuner asked, and what that came to'),
  verdict: z.object({
    accepted: z.boolean().describe('the best beats the default, referee-confirmed'),
    interrupted: z.boolean().describe('ended early: by a signal, or because the machine failed'),
    tried: z.int().optional().describe('settings beside the default that were measured'),
    text: z.string(),
  }),
});

export type Cycle = z.infer<typeof cycleSchema>;
export type TuneResult = z.infer<typeof resultSchema>;
