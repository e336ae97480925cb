import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, TunesmithError } from '../../errors.js';
import { proposalSchema } from './reply.js';

const rejection = z.object({
  stage: z.string(),
  rule: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  line: z.number().optional(),
  text: z.string().optional(),
});

const lineSchema = z.discriminatedUnion('kind', [
  /** One call: what it was asked (as a hash), what it cost, what came of it. */
  z.object({
    kind: z.literal('call'),
    turn: z.int(),
    attempt: z.int(),
    promptSha256: z.string(),
    tokens: z.number(),
    usd: z.number(),
    latencyMs: z.number(),
    proposal: proposalSchema.nullable(),
    rejection: rejection.nullable(),
  }),
  /** A candidate that passed the gates, or why none came of a turn's question. */
  z.object({
    kind: z.literal('candidate'),
    turn: z.int(),
    id: z.string(),
    source: z.string(),
    proposal: proposalSchema,
    attempts: z.int(),
  }),
  z.object({ kind: z.literal('dropped'), turn: z.int(), attempts: z.int(), reason: z.string() }),
  /** What the lab measured. */
  z.object({
    kind: z.literal('result'),
    id: z.string(),
    value: z.number().nullable(),
    gain: z.number().nullable(),
    dropped: z.string().optional(),
  }),
]);

export type JournalLine = z.infer<typeof lineSchema>;

/**
 * Everything a model was asked and what came of it, a JSON line each, readable by its owner alone. It is what a search
 * that was ended goes on from, so a call is paid for once.
 */
export class ModelJournal {
  readonly lines: JournalLine[];

  /** Half a line at the end is what a kill leaves: it is cut off. @throws TunesmithError (usage) for another file */
  constructor(private readonly file: string | null) {
    this.lines = file === null || !existsSync(file) ? [] : read(file);
  }

  add(line: JournalLine): void {
    this.lines.push(line);
    if (this.file === null) return;
    try {
      appendFileSync(this.file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    } catch (cause) {
      throw new TunesmithError('incapable', `${this.file} cannot be written: ${messageOf(cause)}`, { cause });
    }
  }

  of<K extends JournalLine['kind']>(kind: K): Extract<JournalLine, { kind: K }>[] {
    return this.lines.filter((line): line is Extract<JournalLine, { kind: K }> => line.kind === kind);
  }
}

function read(file: string): JournalLine[] {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) truncateSync(file, end);
  const texts = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  return texts.map((text, i) => {
    try {
      return lineSchema.parse(JSON.parse(text));
    } catch {
      throw new TunesmithError('usage', `${file}, line ${i + 1} is no line of a search's journal`, {
        hint: 'choose another --out, or leave out --resume',
      });
    }
  });
}
