import { z } from 'zod';
import { WORKLOADS } from '../../../workloads/index.js';
import { tool } from '../../tool.js';

const parameter = z.object({
  unit: z.string(),
  default: z.number(),
  min: z.number(),
  max: z.number(),
  meaning: z.string(),
});
const metric = z.object({ unit: z.string(), direction: z.string(), meaning: z.string() });

export const labWorkloads = tool({
  name: 'lab.workloads',
  title: 'List workloads',
  description:
    'Loads the lab can run: what each does, its parameters, its metrics and the one it is judged by.',
  effect: 'read',
  input: z.strictObject({}),
  output: z.object({
    workloads: z.array(
      z.object({
        name: z.string(),
        summary: z.string(),
        objective: z.string(),
        parameters: z.record(z.string(), parameter),
        metrics: z.record(z.string(), metric),
      }),
    ),
  }),
  run: () => ({
    workloads: Object.values(WORKLOADS).map(({ name, summary, objective, parameters, metrics }) => ({
      name,
      summary,
      objective,
      parameters: { ...parameters },
      metrics: { ...metrics },
    })),
  }),
});
