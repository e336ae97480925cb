import { z } from 'zod';

const figures = z.record(z.string(), z.number());

/** policies/NAME/evidence/*.json: one trial under a policy beside the same under the kernel's own scheduler. */
export const evidenceSchema = z.object({
  schema: z.literal('tunesmith.evidence/1'),
  policy: z.string(),
  version: z.string(),
  objectSha256: z.string(),
  kernel: z.string(),
  workload: z.string(),
  rigour: z.enum(['search', 'referee']),
  objective: z.string(),
  direction: z.enum(['lower', 'higher', 'none']),
  key: z.string().describe('of the trial under the policy'),
  ownKey: z.string().describe('of the trial under the kernel’s own scheduler'),
  value: z.number().describe('the objective under the policy'),
  ownValue: z.number().describe('the objective under the kernel’s own scheduler'),
  metrics: figures,
  ownMetrics: figures,
});

export type Evidence = z.infer<typeof evidenceSchema>;

/** How many times better the objective was under the policy; below 1 it was worse. */
export const gain = ({ direction, value, ownValue }: Evidence): number =>
  direction === 'higher' ? value / ownValue : ownValue / value;

/** A share. Trials that differ in nothing that matters, such as the image's other files, differ by up to this. */
export const EVEN = 0.05;

/** Whether the objective was better, worse, or the same for all that one seed can tell. */
export function outcome(evidence: Evidence, even = EVEN): 'gains' | 'loses' | 'even' {
  const times = gain(evidence);
  if (times > 1 + even) return 'gains';
  return times < 1 - even ? 'loses' : 'even';
}
