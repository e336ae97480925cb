import { z } from 'zod';
import { WORKLOADS } from '../workloads/index.js';

/** What a policy can be searched for beside words. */
export const PROPERTIES = {
  fair: 'shares go by weight, whatever tasks do',
  weighted: 'nice values make a difference',
  latency: 'made for short waits',
  throughput: 'made for few switches',
  cache: 'keeps tasks near what they have cached',
  topology: 'wants to be told about the machine’s caches or CPUs',
  cgroup: 'shares go by cgroup',
  power: 'leaves CPUs alone when there is little to do',
  learning: 'judges tasks by what they did before',
  teaching: 'short enough to begin with',
} as const;
export type Property = keyof typeof PROPERTIES;

/** A policy's name: also its directory's, and that of its ops table. */
export const NAME = /^[a-z][a-z0-9_]{0,30}$/;

const words = z.string().min(1).max(300);

/** A load in words and, where the lab has one like it, that workload's name. */
const fit = z.strictObject({
  what: words,
  workload: z.enum(Object.keys(WORKLOADS) as [string, ...string[]]).optional(),
});

const tunable = z
  .strictObject({
    name: z.string().regex(/^[a-z]\w*$/),
    unit: z.enum(['ns', 'per_s', 'count', 'cpu']),
    min: z.int(),
    max: z.int(),
    default: z.int(),
    scale: z.enum(['log', 'linear']),
    meaning: words.describe('what it sets'),
    cost: words.describe('what a low and a high value cost'),
  })
  .refine(({ min, max, default: value }) => min <= value && value <= max && min < max, {
    message: 'the default must lie in the range, and the range must not be empty',
    path: ['default'],
  })
  .refine(({ scale, min }) => scale === 'linear' || min > 0, {
    message: 'a range that begins at 0 has no logarithm: use "linear"',
    path: ['scale'],
  });

/** policy.json. */
export const manifestSchema = z.strictObject({
  schema: z.literal('tunesmith.policy/1'),
  name: z.string().regex(NAME),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  summary: z
    .string()
    .min(1)
    .max(120)
    .regex(/^[^\n]+$/)
    .describe('one line'),
  algorithm: z.string().min(1).max(600).describe('how it decides, in a few sentences'),
  properties: z.array(z.enum(Object.keys(PROPERTIES) as [Property, ...Property[]])),
  suits: z.array(fit).min(1),
  doesNotSuit: z.array(fit).min(1),
  tunables: z.array(tunable),
  kernelNeeds: z
    .array(z.string().regex(/^(?:ops\.)?\w+$/))
    .describe('kfuncs, types and ops.CALLBACKs that not every kernel with sched_ext has or can resolve'),
  author: words,
  licence: z.literal('Dual MIT/GPL'),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type Tunable = z.infer<typeof tunable>;
