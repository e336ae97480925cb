import { z } from 'zod';
import { CHANGE_STATES, END_REASONS } from './types.js';

const values = z.record(z.string(), z.number());

const itemSchema = z.object({
  knob: z.string(),
  kind: z.enum(['file', 'slice', 'policy']),
  place: z
    .string()
    .describe(
      'a path; TID:START with the task’s start in clock ticks after boot; of a policy /sys/kernel/sched_ext/enable_seq',
    ),
  before: z
    .string()
    .describe('as the kernel spells it; `own`: a task without a slice of its own; `none`: no policy'),
  after: z.string(),
  fate: z
    .enum(['untouched', 'staged', 'put back', 'as before', 'foreign', 'gone', 'stuck'])
    .describe('foreign: somebody else’s value was found, and left'),
  found: z.string().optional().describe('the foreign value, or why it is stuck'),
});

/** A change as the faces print it. */
export const changeSchema = z.object({
  id: z.string().describe('names the change; gives no right to it'),
  state: z.enum(CHANGE_STATES),
  caller: z.string(),
  scope: z.string(),
  policy: z.string().nullable().describe('the sched_ext policy it puts in force'),
  before: values.describe('in each knob’s unit'),
  after: values,
  items: z.array(itemSchema),
  reason: z.string().nullable(),
  stagedAt: z.string(),
  ttlMs: z.int(),
  remainingMs: z.int().describe('while it is staged'),
  endedAt: z.string().nullable(),
  endReason: z.enum(END_REASONS).nullable(),
  notes: z.array(z.string()),
});

/** Journals of other users. */
export const elsewhereSchema = z
  .array(
    z.object({
      dir: z.string(),
      owner: z.string(),
      open: z.array(z.string()).nullable().describe('ids in force there; null: this user may not read it'),
    }),
  )
  .describe('other journals on this machine with changes in force, or that cannot be read');

export const changeListSchema = z.object({
  schema: z.literal('tunesmith.changes/1'),
  changes: z.array(changeSchema),
  elsewhere: elsewhereSchema,
});

export const stagedSchema = z.object({
  schema: z.literal('tunesmith.staged/1'),
  change: changeSchema,
  token: z.string(),
  warnings: z.array(z.string()),
  repeated: z.boolean(),
});
