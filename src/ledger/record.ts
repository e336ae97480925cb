import { createHash } from 'node:crypto';
import { z } from 'zod';
import { printable } from '../shown.js';

const values = z.record(z.string(), z.number());

/** What a caller says of one thing that happened; the ledger adds its number, time and place in the chain. */
export const entrySchema = z.strictObject({
  kind: z.string().min(1).max(64).describe('call, decision, change, run, measurement, cycle, …'),
  run: z.string().max(200).optional().describe('what belongs to one run of the loop has the same'),
  epoch: z.int().min(0).optional().describe('the cycle within the run'),
  change: z.string().max(64).optional().describe('id of a change, such as c12; never its token'),
  caller: z.string().max(200).optional(),
  tool: z.string().max(200).optional(),
  arguments: z.record(z.string(), z.unknown()).optional().describe('as they were checked'),
  decision: z.string().max(64).optional().describe('allow, deny, ask, kept, put back, breach, …'),
  rule: z.string().max(500).optional().describe('the rule that decided'),
  before: values.optional(),
  after: values.optional(),
  metrics: values.optional().describe('the figures that were at hand'),
  reasons: z.array(z.string().max(2000)).max(50).optional(),
  details: z.record(z.string(), z.unknown()).optional().describe('what this kind has besides'),
});
export type Entry = z.infer<typeof entrySchema>;

export const recordSchema = entrySchema.extend({
  seq: z.int().min(1),
  at: z.iso.datetime().describe('wall clock, for people: order is `seq`'),
  prev: z.string().length(64).describe('hash of the record before; zeros for the first'),
  hash: z.string().length(64).describe('SHA-256 of this line without its `hash`'),
});
export type LedgerRecord = z.infer<typeof recordSchema>;

/** `prev` of the first record. */
export const GENESIS = '0'.repeat(64);

const TAIL = /,"hash":"([0-9a-f]{64})"\}$/;

/** One record as its line, and the line's hash. The hash is over the bytes as they are, so nothing has to be sorted. */
export function sealedLine(
  entry: Entry,
  seq: number,
  prev: string,
  at: string,
): { line: string; hash: string } {
  const { kind, ...rest } = entry;
  // The same JSON, safe to look at with any pager.
  const body = printable(JSON.stringify({ seq, at, kind, ...rest, prev }));
  const hash = createHash('sha256').update(body).digest('hex');
  return { line: `${body.slice(0, -1)},"hash":"${hash}"}`, hash };
}

/** A line read back: its record, or what is wrong with it. */
export type ReadLine = { readonly record: LedgerRecord } | { readonly wrong: string };

export function readLine(line: string): ReadLine {
  const hash = TAIL.exec(line)?.[1];
  if (hash === undefined) return { wrong: 'is no whole record' };
  const body = `${line.slice(0, -(hash.length + 11))}}`;
  if (createHash('sha256').update(body).digest('hex') !== hash)
    return { wrong: 'was changed: its hash is another' };
  try {
    const read = recordSchema.safeParse(JSON.parse(line));
    return read.success
      ? { record: read.data }
      : { wrong: `is no record: ${read.error.issues[0]?.path.join('.')} ${read.error.issues[0]?.message}` };
  } catch {
    return { wrong: 'is no record' };
  }
}
