import { z } from 'zod';

/** One thing this machine can or cannot do. */
export const doctorRowSchema = z.object({
  id: z.string().describe('stable, for programs'),
  name: z.string(),
  state: z.enum(['ok', 'degraded', 'missing']),
  required: z.boolean().describe('the lab cannot run while this is missing'),
  found: z.string().describe('what is there'),
  cost: z.string().describe('what is lost; empty when ok'),
  fix: z.string().describe('how to get it; empty when ok or when nothing can be done'),
});

/** What `tunesmith doctor --json` prints. */
export const doctorReportSchema = z.object({
  schema: z.literal('tunesmith.doctor/1'),
  capable: z.boolean().describe('the lab can run: no required row is missing'),
  rows: z.array(doctorRowSchema),
});

export type DoctorReport = z.infer<typeof doctorReportSchema>;
