import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { usageError } from '../../../errors.js';
import { NAME } from '../../../policies/manifest.js';
import type { Subject } from '../../../verify/subject.js';
import { namedPolicy } from '../../desk/policies.js';

export const policyName = z.string().regex(NAME).describe('of the repository: os_policy_list');
export const tunableValues = z
  .record(z.string().max(64), z.int())
  .default({})
  .describe('the policy’s own variables, each in its unit: os_policy_show');

/** A policy of the repository, or the text of one. */
export const subjectInput = {
  policy: policyName.optional(),
  source: z
    .string()
    .min(1)
    .max(128 * 1024)
    .optional()
    .describe('C source of a policy of your own, instead of a name; it is checked in the lab, never applied'),
};

/** What of a repository's policy the pipeline works on. */
const ofRepository = (name: string): Subject => {
  const { manifest, source, dir } = namedPolicy(name);
  return {
    name: manifest.name,
    file: 'policy.bpf.c',
    source: readFileSync(source, 'utf8'),
    manifest,
    weighted: manifest.properties.includes('weighted'),
    dir,
  };
};

/** @throws TunesmithError (usage) for both, neither, or a name that is not there */
export function subjectOf({
  policy,
  source,
}: {
  policy?: string | undefined;
  source?: string | undefined;
}): Subject {
  if ((policy === undefined) === (source === undefined))
    throw usageError(
      'policy',
      policy ?? '',
      'or source is needed, and not both',
      'name a policy of os_policy_list',
    );
  return policy !== undefined
    ? ofRepository(policy)
    : { name: 'given', file: 'policy.bpf.c', source: source as string };
}
