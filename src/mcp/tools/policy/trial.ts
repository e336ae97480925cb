import { z } from 'zod';
import { evidenceSchema, gain } from '../../../verify/evidence-schema.js';
import { WORKLOADS } from '../../../workloads/index.js';
import { tool } from '../../tool.js';
import { subjectInput, subjectOf } from './subject.js';

export const trialPolicy = tool({
  name: 'os.policy.trial',
  title: 'Measure a policy in the lab',
  description:
    'One trial under the policy and one under the kernel’s own scheduler, the same in all else, on a virtual clock: the ' +
    'same call gives the same figures. Nothing on this machine is changed.',
  effect: 'lab',
  input: z.strictObject({
    ...subjectInput,
    workload: z.enum(Object.keys(WORKLOADS) as [string, ...string[]]),
    kernel: z.string().max(128).default('scx').describe('scx or a release of lab_kernels'),
    rigour: z.enum(['search', 'referee']).default('search').describe('referee: cold boots'),
  }),
  output: z.object({
    gain: z.number().describe('times better the objective is under the policy; below 1 it is worse'),
    evidence: evidenceSchema,
  }),
  run: async ({ workload, kernel, rigour, ...what }, { services }) => {
    const evidence = await services.policies.trial(subjectOf(what), { workload, kernel, rigour });
    return { gain: gain(evidence), evidence };
  },
});
