import { z } from 'zod';
import { tool } from '../../tool.js';
import { knobValues, labInput, requestOf } from './options.js';

export const labCompare = tool({
  name: 'lab.compare',
  title: 'Compare settings in the lab',
  description:
    'Runs one trial for each of up to eight sets of knobs, all else equal, and returns them with the objective, best ' +
    'first. An empty set is the kernel’s default. Nothing on this machine is changed.',
  effect: 'lab',
  input: z.strictObject({ ...labInput, settings: z.array(knobValues).min(2).max(8) }),
  output: z.object({
    kernel: z.string(),
    objective: z.object({
      metric: z.string(),
      unit: z.string(),
      direction: z.enum(['lower', 'higher', 'none']),
    }),
    ranking: z.array(
      z.object({
        set: z.record(z.string(), z.number()),
        value: z.number().nullable().describe('of the objective; null when it was not measured'),
        metrics: z.record(z.string(), z.number()),
        key: z.string(),
      }),
    ),
  }),
  run: async ({ settings, rigour, ...args }, { services, signal, progress }) => {
    const done = (n: number) => progress(n, settings.length, 'trials');
    const { trial, results } = await services.lab.trials(requestOf(args), settings, rigour, signal, done);
    const { kernel, workload } = trial;
    const { unit = 'count', direction = 'none' } = workload.metrics[workload.objective] ?? {};
    const sign = direction === 'higher' ? -1 : 1;
    const worst = Number.POSITIVE_INFINITY;
    const ranking = results
      .map(({ metrics, key }, i) => ({
        set: settings[i] as Record<string, number>,
        value: metrics[workload.objective] ?? null,
        metrics: { ...metrics },
        key,
      }))
      .sort(
        (a, b) => (a.value === null ? worst : sign * a.value) - (b.value === null ? worst : sign * b.value),
      );
    return { kernel: kernel.release, objective: { metric: workload.objective, unit, direction }, ranking };
  },
});
