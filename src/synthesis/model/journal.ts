import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, TunesmithError } from '../../errors.js';
import { added, NOTHING, type Spent } from '../../models/spent.js';
import { proposalSchema } from './reply.js';

const rejection = z.object({
  stage: z.string(),
  rule: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  line: z.number().optional(),
  text: z.string().optional(),
});

/** What the pipeline said of a candidate, warnings included. */
const finding = z.object({
  stage: z.string(),
  rule: z.string(),
  severity: z.string(),
  message: z.string(),
});

export type Finding = z.infer<typeof finding>;

/** Of every call: what it was asked (as a hash), and what it cost. */
const call = {
  /** Which question it is, from 0, over all processes of a search; with `attempt` it names a call. */
  turn: z.int(),
  attempt: z.int(),
  promptSha256: z.string(),
  tokens: z.number(),
  usd: z.number(),
  latencyMs: z.number(),
};

const lineSchema = z.discriminatedUnion('kind', [
  /** One call and what came of it. */
  z.object({
    kind: z.literal('call'),
    ...call,
    proposal: proposalSchema.nullable(),
    rejection: rejection.nullable(),
    findings: z.array(finding),
  }),
  /** One call that brought no reply, and what it may have cost. */
  z.object({
    kind: z.literal('failed'),
    ...call,
    failure: z.string(),
    reason: z.string(),
  }),
  /** A candidate that passed the gates, or why none came of a turn's question. */
  z.object({
    kind: z.literal('candidate'),
    turn: z.int(),
    id: z.string(),
    source: z.string(),
    proposal: proposalSchema,
    attempts: z.int(),
    /** Of the call that brought it. */
    promptSha256: z.string(),
    findings: z.array(finding),
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

  /** What all calls came to, those without a reply included. */
  spent(): Spent {
    const calls = [...this.of('call'), ...this.of('failed')];
    return calls.reduce((sum, { tokens, usd }) => added(sum, { calls: 1, tokens, usd }), NOTHING);
  }

  /** The number of the next question. */
  nextTurn(): number {
    return this.lines.reduce((next, line) => ('turn' in line ? Math.max(next, line.turn + 1) : next), 0);
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
