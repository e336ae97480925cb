import { z } from 'zod';
import { usageError } from '../../../errors.js';
import { nearHint } from '../../../near.js';
import { WORKLOADS } from '../../../workloads/index.js';
import type { Workload } from '../../../workloads/types.js';
import { tool } from '../../tool.js';

const parameter = z.object({
  unit: z.string(),
  default: z.number(),
  min: z.number(),
  max: z.number(),
  meaning: z.string(),
});
const metric = z.object({ unit: z.string(), direction: z.string(), meaning: z.string() });

const briefOf = ({ name, summary, objective, parameters }: Workload) => ({
  name,
  summary,
  objective,
  defaults: Object.fromEntries(Object.entries(parameters).map(([key, { default: value }]) => [key, value])),
});

function named(name: string): Workload {
  const found = Object.hasOwn(WORKLOADS, name) ? WORKLOADS[name as keyof typeof WORKLOADS] : undefined;
  if (found) return found;
  throw usageError('workload', name, 'is no workload of the lab', nearHint(name, Object.keys(WORKLOADS)));
}

export const labWorkloads = tool({
  name: 'lab.workloads',
  title: 'List workloads',
  description:
    'Loads the lab can run: what each does, its parameters’ defaults and the metric it is judged by. With a workload: ' +
    'the range and meaning of its parameters and metrics.',
  effect: 'read',
  input: z.strictObject({ workload: z.string().max(64).optional() }),
  output: z.object({
    workloads: z.array(
      z.object({
        name: z.string(),
        summary: z.string(),
        objective: z.string(),
        defaults: z.record(z.string(), z.number()).describe('of its parameters'),
        parameters: z.record(z.string(), parameter).optional(),
        metrics: z.record(z.string(), metric).optional(),
      }),
    ),
  }),
  run: ({ workload }) => {
    if (workload === undefined) return { workloads: Object.values(WORKLOADS).map(briefOf) };
    const one = named(workload);
    return {
      workloads: [{ ...briefOf(one), parameters: { ...one.parameters }, metrics: { ...one.metrics } }],
    };
  },
});
