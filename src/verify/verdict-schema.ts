import { z } from 'zod';
import { STAGES } from './verdict.js';

const stage = z.enum(STAGES);

const finding = z.object({
  stage,
  rule: z.string().describe('docs/policies.md explains each'),
  severity: z.enum(['error', 'warning']).describe('an error rejects'),
  message: z.string(),
  place: z.object({ file: z.string(), line: z.int(), column: z.int().exactOptional() }).exactOptional(),
  hint: z.string().exactOptional().describe('the way out'),
});

const stageReport = z.object({
  stage,
  findings: z.array(finding),
  tookMs: z.number().describe('wall time'),
  programs: z
    .array(z.object({ name: z.string(), insns: z.int(), states: z.int(), peak_states: z.int() }))
    .optional()
    .describe('load: what the kernel’s verifier went through'),
  log: z.string().optional().describe('load: the verifier’s own words, in full'),
  probes: z
    .array(z.object({ probe: z.string(), tookMs: z.number() }))
    .optional()
    .describe('trial: what was run, in the order it ended'),
});

/** What `tunesmith policy check --json` prints. */
export const verdictSchema = z.object({
  schema: z.literal('tunesmith.verdict/1'),
  policy: z.string(),
  sourceSha256: z.string(),
  kernel: z.string(),
  accepted: z.boolean(),
  stage: stage.nullable().describe('the one that rejected it'),
  until: stage.describe('the last that was asked for'),
  findings: z.array(finding),
  stages: z.array(stageReport),
});

export type PolicyVerdict = z.infer<typeof verdictSchema>;
export type StageReport = z.infer<typeof stageReport>;
