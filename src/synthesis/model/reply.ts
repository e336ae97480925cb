import { z } from 'zod';

/** Numbers a model may leave open. `cpu` is no unit of these: a fixed CPU is no property of a load. */
const tunable = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{1,30}$/),
  type: z.enum(['u64', 'u32', 'bool']),
  unit: z.enum(['ns', 'per_s', 'count']),
  min: z.int().min(0),
  max: z.int().min(1),
  default: z.int().min(0),
  meaning: z.string().min(1).max(200).describe('what it sets'),
  cost: z.string().min(1).max(200).describe('what a low and a high value cost'),
});

/** What a model replies with: the body of a policy. The rest of the source is ours. */
export const proposalSchema = z.strictObject({
  summary: z.string().min(1).max(120).describe('the idea in one line'),
  algorithm: z.string().min(1).max(500).describe('how it decides, in a few sentences'),
  why: z.string().min(1).max(500).describe('why that helps this workload'),
  parent: z.string().max(64).nullable().describe('name of the policy it was made from, or null'),
  tunables: z.array(tunable).max(8),
  code: z.string().min(1).max(16_000).describe('C: maps, helper functions and callbacks, nothing else'),
});

export type Proposal = z.infer<typeof proposalSchema>;
export type ProposedTunable = Proposal['tunables'][number];
