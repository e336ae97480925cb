import { z } from 'zod';
import { declaredTunables } from '../../policies/tunables.js';
import type { Evidence } from '../../verify/evidence-schema.js';
import type { Subject } from '../../verify/subject.js';
import { anatomyOf } from './anatomy.js';
import { changedLines, diffLines } from './lines.js';

const pair = z.array(z.number().nullable()).length(2);

/** What `tunesmith policy diff --json` prints. */
export const policyDiffSchema = z.object({
  schema: z.literal('tunesmith.policy-diff/1'),
  policies: z.array(z.string()).length(2),
  tunables: z
    .array(z.object({ name: z.string(), values: pair }))
    .describe('those that differ; null: not there'),
  functions: z.array(
    z.object({
      name: z.string(),
      change: z.enum(['same', 'changed', 'only in the first', 'only in the second']),
      lines: z.array(z.string()).describe('of a change, marked - and +'),
    }),
  ),
  behaviour: z.array(
    z.object({
      workload: z.string(),
      kernel: z.string(),
      rigour: z.string(),
      figures: z.array(z.object({ metric: z.string(), own: z.number().nullable(), values: pair })),
    }),
  ),
});

export type PolicyDiff = z.infer<typeof policyDiffSchema>;

/** What is shown of a window beside its objective. */
const SHOWN = ['throughput_per_s', 'switches_per_s', 'migrations_per_s', 'runq_latency_p99_ns'] as const;

/** Trials of two policies that differ in nothing else. */
export function behaviourOf(a: readonly Evidence[], b: readonly Evidence[]): PolicyDiff['behaviour'] {
  return a.flatMap((one) => {
    const other = b.find(
      ({ workload, kernel, rigour }) =>
        workload === one.workload && kernel === one.kernel && rigour === one.rigour,
    );
    if (!other) return [];
    const metrics = [one.objective, ...SHOWN.filter((name) => name !== one.objective)];
    const figures = metrics.map((metric) => ({
      ...{ metric, own: one.ownMetrics[metric] ?? null },
      values: [one.metrics[metric] ?? null, other.metrics[metric] ?? null],
    }));
    const { workload, kernel, rigour } = one;
    return [{ workload, kernel, rigour, figures }];
  });
}

/** How two policies differ: tunables and functions by their sources, behaviour by trials they both have. */
export async function policyDiff(
  [a, b]: readonly [Subject, Subject],
  behaviour: PolicyDiff['behaviour'],
): Promise<PolicyDiff> {
  const valuesOf = (subject: Subject) =>
    new Map(declaredTunables(subject.source).map(({ name, value }) => [name, value ?? null]));
  const [left, right] = [valuesOf(a), valuesOf(b)];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  const tunables = names
    .map((name) => ({ name, values: [left.get(name) ?? null, right.get(name) ?? null] }))
    .filter(({ values }) => values[0] !== values[1]);
  return {
    schema: 'tunesmith.policy-diff/1',
    policies: [a.name, b.name],
    tunables,
    functions: await functionsOf(a.source, b.source),
    behaviour,
  };
}

async function functionsOf(a: string, b: string): Promise<PolicyDiff['functions']> {
  const [left, right] = await Promise.all([anatomyOf(a), anatomyOf(b)]);
  const textIn = ({ parts }: typeof left, name: string) => parts.find((part) => part.name === name)?.text;
  const names = [...new Set([...left.parts, ...right.parts].map(({ name }) => name))];
  return names.map((name) => {
    const [before, after] = [textIn(left, name), textIn(right, name)];
    if (before === undefined) return { name, change: 'only in the second', lines: [] };
    if (after === undefined) return { name, change: 'only in the first', lines: [] };
    if (before === after) return { name, change: 'same', lines: [] };
    return { name, change: 'changed', lines: changedLines(diffLines(before, after)) };
  });
}
