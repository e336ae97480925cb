import { z } from 'zod';
import { STAGES, type Stage } from '../../../verify/verdict.js';
import { verdictSchema } from '../../../verify/verdict-schema.js';
import { checkTunables, namedPolicy } from '../../desk/policies.js';
import { tool } from '../../tool.js';
import { subjectInput, subjectOf, tunableValues } from './subject.js';

export const checkPolicy = tool({
  name: 'os.policy.check',
  title: 'Check a policy',
  description:
    'Lint, compile, load by a real kernel’s verifier, attach, and probes against the kernel’s own scheduler, until a ' +
    'stage rejects it. All of it in lab guests: nothing on this machine is changed. Takes seconds (lint) to minutes.',
  effect: 'lab',
  input: z.strictObject({
    ...subjectInput,
    until: z.enum(STAGES).default('load').describe('the last stage to run; trial takes minutes'),
    kernel: z.string().max(128).default('scx').describe('scx or a release of lab_kernels'),
    tunables: tunableValues,
  }),
  output: verdictSchema,
  run: async ({ until, kernel, tunables, ...what }, { services, progress }) => {
    const subject = subjectOf(what);
    if (what.policy !== undefined) checkTunables(namedPolicy(what.policy), tunables);
    const last = STAGES.indexOf(until) + 1;
    const onStage = (stage: Stage): void => progress(STAGES.indexOf(stage), last, `stage ${stage}`);
    return services.policies.check(subject, { kernel, until, tunables, onStage });
  },
});
