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

export type DoctorRow = z.infer<typeof doctorRowSchema>;
export type DoctorReport = z.infer<typeof doctorReportSchema>;

type Label = Pick<DoctorRow, 'id' | 'name'> & { readonly required?: boolean };

/** A row where all is well. */
export const ok = ({ id, name, required = false }: Label, found: string): DoctorRow => ({
  ...{ id, name, state: 'ok', required, found },
  ...{ cost: '', fix: '' },
});

/** A row that is there but not as it should be. */
export const degraded = (
  { id, name, required = false }: Label,
  found: string,
  cost: string,
  fix = '',
): DoctorRow => ({
  ...{ id, name, state: 'degraded', required, found },
  ...{ cost, fix },
});

/** A row that is not there, or of no use. */
export const missing = (label: Label, found: string, cost: string, fix = ''): DoctorRow => ({
  ...degraded(label, found, cost, fix),
  state: 'missing',
});
