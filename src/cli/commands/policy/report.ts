import { z } from 'zod';
import type { Policy } from '../../../policies/catalogue.js';
import { type Manifest, manifestSchema, type Tunable } from '../../../policies/manifest.js';
import { formatNs } from '../../../units.js';
import { type Evidence, evidenceSchema, gain } from '../../../verify/evidence-schema.js';

/** What `tunesmith policy list --json` prints. */
export const policyListSchema = z.object({
  schema: z.literal('tunesmith.policies/1'),
  policies: z.array(manifestSchema),
});

/** What `tunesmith policy show --json` prints. */
export const policyReportSchema = z.object({
  schema: z.literal('tunesmith.policy-report/1'),
  manifest: manifestSchema,
  source: z.string().describe('path of the C source'),
  problems: z.array(z.string()).describe('where policy.json and the source differ'),
  evidence: z.array(evidenceSchema).describe('what `policy trial` has measured'),
});

export type PolicyReport = z.infer<typeof policyReportSchema>;

/** One policy on one line; `width` is that of the longest name. */
export const policyLine = ({ manifest: { name, summary } }: Policy, width: number): string =>
  `${name.padEnd(width)}  ${summary}`;

const valueText = (value: number, unit: Tunable['unit']): string =>
  unit === 'ns' ? formatNs(value) : unit === 'per_s' ? `${value}/s` : `${value}`;

const tunableText = ({ name, unit, min, max, default: value, meaning, cost }: Tunable): string =>
  [
    `  ${name} = ${valueText(value, unit)} (${valueText(min, unit)} to ${valueText(max, unit)}): ${meaning}`,
    `      ${cost}`,
  ].join('\n');

const fitText = ({ what, workload }: Manifest['suits'][number]): string =>
  `  ${what}${workload === undefined ? '' : ` (lab: ${workload})`}`;

/** Heads figures such as × 0.43. */
export const MEASURED =
  'measured beside the kernel’s own scheduler (× above 1: so many times better; below 1: worse)';

const evidenceText = (one: Evidence): string =>
  `  ${one.workload.padEnd(10)} × ${gain(one).toFixed(2)} (${one.objective}, ${one.rigour}, version ${one.version}, Linux ${one.kernel})`;

/** A policy in full, for people. */
export function policyText({ manifest, source, problems, evidence }: PolicyReport): string {
  const part = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', title, ...lines];
  return [
    `${manifest.name} ${manifest.version}: ${manifest.summary}`,
    '',
    manifest.algorithm,
    ...part('suits', manifest.suits.map(fitText)),
    ...part('does not suit', manifest.doesNotSuit.map(fitText)),
    ...part(MEASURED, evidence.map(evidenceText)),
    ...part('tunables', manifest.tunables.map(tunableText)),
    ...part(
      'needs of the kernel',
      manifest.kernelNeeds.map((need) => `  ${need}`),
    ),
    ...part(
      'problems',
      problems.map((problem) => `  ${problem}`),
    ),
    '',
    `${manifest.properties.join(', ')}; by ${manifest.author}, ${manifest.licence}`,
    source,
  ].join('\n');
}
