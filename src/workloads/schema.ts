import { z } from 'zod';

const guardrail = z.strictObject({
  metric: z.string(),
  rule: z.enum(['at most', 'at least', 'at most × default', 'at least × default']),
  value: z.number(),
  why: z.string().min(1),
});

/** A workload as data, with what holds between its parts. */
export const workloadSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]*$/),
    summary: z.string().min(1),
    kind: z.enum(['builtin', 'command']),
    packages: z.array(z.string()),
    files: z.array(z.string()),
    parameters: z.record(
      z.string().regex(/^[a-z][a-z0-9_]*$/),
      z
        .strictObject({
          unit: z.enum(['ns', 'us', 'count', 'per_s']),
          default: z.int(),
          min: z.int(),
          max: z.int(),
          meaning: z.string().min(1),
        })
        .refine((p) => p.min <= p.default && p.default <= p.max, 'the default must lie in the range'),
    ),
    memoryMib: z.int().min(128),
    warmupNs: z.int().min(0),
    windowNs: z.int().positive(),
    metrics: z.record(
      z.string(),
      z.strictObject({
        unit: z.enum(['ns', 'per_s', 'share', 'count', 'ratio']),
        direction: z.enum(['lower', 'higher', 'none']),
        meaning: z.string().min(1),
      }),
    ),
    objective: z.string(),
    slo: z.array(guardrail),
    guardrails: z.array(guardrail),
  })
  .refine((w) => w.objective in w.metrics, 'the objective must be one of the metrics')
  .refine(
    (w) => [...w.slo, ...w.guardrails].every(({ metric }) => metric in w.metrics),
    'a limit names no metric',
  );
