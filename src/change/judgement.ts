import { z } from 'zod';

const figures = z.record(z.string(), z.number());

/** A breach as the ledger keeps it (`details.judged`), so that it can be judged again. */
export const judgementSchema = z.object({
  guardrails: z.array(
    z.object({
      metric: z.string(),
      rule: z.enum(['at most', 'at least', 'at most × default', 'at least × default']),
      value: z.number(),
      why: z.string(),
    }),
  ),
  metrics: figures,
  baseline: figures,
  breaches: z.array(z.string()),
});
