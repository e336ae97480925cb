import { z } from 'zod';
import { policyAddon } from '../../../host/policy/native.js';
import { listPolicies } from '../../../policies/catalogue.js';
import { PROPERTIES } from '../../../policies/manifest.js';
import { searchPolicies } from '../../../policies/search.js';
import { tool } from '../../tool.js';

export const listPoliciesTool = tool({
  name: 'os.policy.list',
  title: 'List policies',
  description:
    'The sched_ext policies of the repository, or those that fit what is looked for, and which policy this machine runs.',
  effect: 'read',
  input: z.strictObject({
    words: z.array(z.string().min(1).max(64)).max(8).optional().describe('beginnings of words; all must fit'),
    workload: z.string().max(64).optional().describe('that claim to suit a workload of the lab'),
    property: z.enum(Object.keys(PROPERTIES) as [string, ...string[]]).optional(),
  }),
  output: z.object({
    supported: z.boolean().describe('this kernel has sched_ext'),
    in_force: z.string().nullable().describe('the policy this machine runs, whoever loaded it'),
    policies: z.array(
      z.object({
        name: z.string(),
        summary: z.string(),
        properties: z.array(z.string()),
        suits: z.array(z.string()).optional().describe('when something was looked for'),
      }),
    ),
  }),
  run: ({ words, workload, property }) => {
    const { supported, ops } = policyAddon().readScx();
    const search = {
      ...(words === undefined ? {} : { words }),
      ...(workload === undefined ? {} : { workload }),
      ...(property === undefined ? {} : { property }),
    };
    return {
      supported,
      in_force: ops || null,
      policies: searchPolicies(listPolicies(), search).map(({ manifest }) => ({
        name: manifest.name,
        summary: manifest.summary,
        properties: [...manifest.properties],
        ...(Object.keys(search).length === 0 ? {} : { suits: manifest.suits.map(({ what }) => what) }),
      })),
    };
  },
});
