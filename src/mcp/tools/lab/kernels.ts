import { z } from 'zod';
import { tool } from '../../tool.js';

export const labKernels = tool({
  name: 'lab.kernels',
  title: 'List lab kernels',
  description:
    'Kernels on this machine that the lab can boot, and what the roles cfs, eevdf, scx and newest stand for.',
  effect: 'read',
  input: z.strictObject({}),
  output: z.object({
    roles: z.array(z.object({ role: z.string(), use: z.string(), release: z.string().nullable() })),
    kernels: z.array(
      z.object({ release: z.string(), scheduler: z.enum(['cfs', 'eevdf']), warnings: z.array(z.string()) }),
    ),
  }),
  run: async (_, { services }) => {
    const { roles, kernels } = await services.lab.kernels();
    return {
      roles: roles.map(({ role, use, release }) => ({ role, use, release })),
      kernels: kernels.map(({ release, scheduler, warnings }) => ({
        release,
        scheduler,
        warnings: [...warnings],
      })),
    };
  },
});
