import { z } from 'zod';
import { CHANGE_STATES, type Change } from '../../../change/types.js';

const values = z.record(z.string(), z.number());

/** A change as tools and resources show it. It holds no token. */
export const changeSchema = z.object({
  id: z.string().describe('names the change; gives no right to it'),
  state: z.enum(CHANGE_STATES),
  caller: z.string().describe('who staged it'),
  scope: z.string(),
  policy: z.string().nullable().describe('the sched_ext policy it puts in force; null for a change of knobs'),
  before: values.describe('in each knob’s unit; of a policy its tunables'),
  after: values,
  reason: z.string().nullable(),
  staged_at: z.string(),
  ttl_sec: z.number(),
  remaining_sec: z.number().describe('until it puts itself back; 0 unless it is staged'),
  ended_at: z.string().nullable(),
  end_reason: z.string().nullable(),
  items: z.array(
    z.object({
      knob: z.string(),
      thread: z.int().optional().describe('whose slice it is: a thread’s id'),
      fate: z.string(),
      found: z.string().optional(),
    }),
  ),
  more_items: z.int().optional().describe('items that are not listed'),
  notes: z.array(z.string()),
});

/** Of a scope with many tasks, how many of its items are listed. */
const ITEMS = 20;

export const changeView = (change: Change): z.output<typeof changeSchema> => ({
  id: change.id,
  state: change.state,
  caller: change.caller,
  scope: change.scope,
  policy: change.policy,
  before: { ...change.before },
  after: { ...change.after },
  reason: change.reason,
  staged_at: change.stagedAt,
  ttl_sec: change.ttlMs / 1000,
  remaining_sec: Math.round(change.remainingMs / 1000),
  ended_at: change.endedAt,
  end_reason: change.endReason,
  items: change.items.slice(0, ITEMS).map(({ knob, kind, place, fate, found }) => ({
    knob,
    ...(kind === 'slice' ? { thread: Number.parseInt(place, 10) } : {}),
    fate,
    ...(found === undefined ? {} : { found }),
  })),
  ...(change.items.length > ITEMS ? { more_items: change.items.length - ITEMS } : {}),
  notes: [...change.notes],
});
