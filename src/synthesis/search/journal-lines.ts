import { z } from 'zod';

export const JOURNAL_SCHEMA = 'tunesmith.search/1';

const figures = z.record(z.string(), z.number());

const candidate = z.strictObject({
  id: z.string(),
  /** Hash of the text, which a line before has. */
  source: z.string(),
  tunables: figures,
  by: z.enum(['genes', 'model', 'repository']),
  parents: z.array(z.string()),
  words: z.string(),
});

const score = z.strictObject({
  candidate: z.string(),
  effort: z.strictObject({
    rigour: z.enum(['search', 'referee']),
    windowNs: z.number(),
    seeds: z.array(z.number()),
  }),
  value: z.number().nullable(),
  values: z.array(z.number().nullable()),
  metrics: figures,
  elsewhere: figures.optional(),
  keys: z.array(z.string()),
  dropped: z.string().optional(),
});

/** Wall time of the search by then, ms; older journals are without. */
const atMs = z.number().min(0).default(0);

/** A line of a search's journal. */
export const journalLine = z.union([
  z.strictObject({ schema: z.literal(JOURNAL_SCHEMA), search: z.string() }),
  z.strictObject({ source: z.string(), text: z.string() }),
  z.strictObject({ proposed: z.array(candidate), atMs }),
  z.strictObject({ level: z.int(), score, atMs }),
]);

export type JournalLine = z.infer<typeof journalLine>;
