import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { manifestSchema } from '../../../policies/manifest.js';
import { manifestProblems } from '../../../policies/problems.js';
import { namedPolicy } from '../../desk/policies.js';
import { tool } from '../../tool.js';
import { policyName } from './subject.js';

export const showPolicy = tool({
  name: 'os.policy.show',
  title: 'Show a policy',
  description:
    'What a policy does, what it suits and does not, and its tunables with range, default and cost. Its C source is the ' +
    'resource policies://NAME.',
  effect: 'read',
  input: z.strictObject({ policy: policyName }),
  output: z.object({
    manifest: manifestSchema,
    problems: z.array(z.string()).describe('where manifest and source differ'),
  }),
  run: ({ policy }) => {
    const { manifest, source } = namedPolicy(policy);
    const problems = manifestProblems(manifest, readFileSync(source, 'utf8'));
    return { manifest, problems: problems.map(({ message }) => message) };
  },
});
