import { z } from 'zod';
import { knobsNow } from '../../desk/knobs.js';
import { tool } from '../../tool.js';
import { scopeSchema, scopeText } from './scope.js';

export const getParams = tool({
  name: 'os.scheduler.get_params',
  title: 'Read scheduler parameters',
  description: 'The scheduler knobs of this machine, or of a scope, as the kernel has them now.',
  effect: 'read',
  input: z.strictObject({ scope: scopeSchema.optional() }),
  output: z.object({
    scheduler: z.enum(['cfs', 'eevdf']),
    values: z.record(z.string(), z.number()).describe('in each knob’s own unit'),
    units: z.record(z.string(), z.string()),
  }),
  run: ({ scope }, { services: { scheduler } }) => {
    const { knobs } = knobsNow(scheduler, scopeText(scope));
    return {
      scheduler,
      values: Object.fromEntries(knobs.map(({ knob, value }) => [knob.name, value])),
      units: Object.fromEntries(knobs.map(({ knob }) => [knob.name, knob.unit])),
    };
  },
});
