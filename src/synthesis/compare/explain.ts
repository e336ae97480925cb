import { z } from 'zod';
import { manifestSchema } from '../../policies/manifest.js';
import { declaredTunables } from '../../policies/tunables.js';
import { evidenceIn } from '../../verify/evidence-files.js';
import { evidenceSchema, gain } from '../../verify/evidence-schema.js';
import type { Subject } from '../../verify/subject.js';
import { lineageSchema } from '../folder/lineage.js';
import { behaviour } from '../folder/words.js';
import { anatomyOf } from './anatomy.js';
import { lineageIn } from './lineage.js';

/** What `tunesmith policy explain --json` prints. */
export const explanationSchema = z.object({
  schema: z.literal('tunesmith.policy-explanation/1'),
  policy: z.string(),
  manifest: manifestSchema.nullable(),
  head: z.array(z.string()).describe('paragraphs of the source’s first comment'),
  traits: z.array(z.string()).describe('what the source does'),
  callbacks: z.array(z.object({ name: z.string(), comment: z.string() })),
  tunables: z.array(z.object({ name: z.string(), value: z.number().nullable() })),
  evidence: z.array(
    evidenceSchema
      .pick({ workload: true, kernel: true, objective: true, value: true, ownValue: true })
      .extend({
        gain: z.number().describe('how many times better than the kernel’s own scheduler'),
        isCurrent: z.boolean().describe('of this version of the policy'),
        behaviour: z.array(z.string()).describe('how it differs from the kernel’s own scheduler, in words'),
      }),
  ),
  lineage: lineageSchema
    .pick({ recommended: true, answer: true, command: true })
    .extend({ ancestors: z.int() })
    .nullable(),
  problems: z.array(z.string()).describe('where policy.json and the source differ'),
});

export type Explanation = z.infer<typeof explanationSchema>;

/** A policy explained from its source, its manifest and its evidence: no model takes part. */
export async function explain({ name, source, manifest, dir, problems = [] }: Subject): Promise<Explanation> {
  const { head, traits, parts } = await anatomyOf(source);
  const evidence = dir === undefined ? [] : evidenceIn(dir);
  const lineage = dir === undefined ? null : lineageIn(dir);
  return {
    schema: 'tunesmith.policy-explanation/1',
    ...{ policy: name, manifest: manifest ?? null, head: [...head], traits: [...traits] },
    callbacks: parts
      .filter(({ isCallback }) => isCallback)
      .map(({ name: op, comment }) => ({ name: op, comment })),
    tunables: declaredTunables(source).map(({ name: tunable, value }) => ({
      name: tunable,
      value: value ?? null,
    })),
    evidence: evidence.map((one) => {
      const { workload, kernel, objective, value, ownValue, metrics, ownMetrics, version } = one;
      return {
        ...{ workload, kernel, objective, value, ownValue, gain: gain(one) },
        isCurrent: version === manifest?.version,
        behaviour: behaviour(workload, ownMetrics, metrics),
      };
    }),
    lineage: lineage && {
      ...{ recommended: lineage.recommended, answer: lineage.answer, command: lineage.command },
      ancestors: lineage.ancestors.length - 1,
    },
    problems: problems.map(({ message }) => message),
  };
}
