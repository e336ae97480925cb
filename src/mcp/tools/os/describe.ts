import { availableParallelism, release } from 'node:os';
import { z } from 'zod';
import { knobsNow } from '../../desk/knobs.js';
import { tool } from '../../tool.js';
import { scopeSchema, scopeText } from './scope.js';

export const describeScheduler = tool({
  name: 'os.scheduler.describe',
  title: 'Describe the scheduler',
  description:
    'Which kernel and scheduler this machine has, its knobs with unit, range, meaning and value in force, and which ' +
    'knobs it does not let us have and why. Call this first.',
  effect: 'read',
  input: z.strictObject({ scope: scopeSchema.optional() }),
  output: z.object({
    kernel: z.string(),
    scheduler: z.enum(['cfs', 'eevdf']),
    cpus: z.int(),
    knobs: z.array(
      z.object({
        name: z.string(),
        unit: z.string(),
        value: z.number(),
        min: z.number(),
        max: z.number(),
        scale: z.enum(['log', 'linear']),
        risk: z.enum(['low', 'medium', 'high']),
        meaning: z.string(),
      }),
    ),
    unavailable: z.array(z.object({ name: z.string(), why: z.string(), fix: z.string() })),
  }),
  run: ({ scope }, { services: { scheduler } }) => {
    const { knobs, refused } = knobsNow(scheduler, scopeText(scope));
    return {
      kernel: release(),
      scheduler,
      cpus: availableParallelism(),
      knobs: knobs.map(({ value, knob: { name, unit, min, max, scale, risk, meaning } }) => ({
        name,
        unit,
        value,
        min,
        max,
        scale,
        risk,
        meaning,
      })),
      unavailable: refused.map(({ knob, why, fix }) => ({ name: knob, why, fix })),
    };
  },
});
