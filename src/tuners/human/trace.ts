import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, usageError } from '../../errors.js';
import { parseValue } from '../../knobs/parse.js';
import type { Knob, KnobValues } from '../../knobs/types.js';

/** Knob values as somebody typed them, and the cycle they are for. */
export interface TraceRow {
  readonly cycle: number;
  readonly values: Readonly<Record<string, string | number>>;
}

const value = z.union([z.number(), z.string()]);
const traceJson = z.array(
  z.union([
    z.object({ cycle: z.int().min(0).optional(), values: z.record(z.string(), value) }),
    z.record(z.string(), value),
  ]),
);

const FIELD = '--trace';
const FORMS = 'CSV with a head (cycle,latency_ns,…), JSON ([{"cycle":1,"values":{…}}]) or a cycles.jsonl';
const MOST_BYTES = 10_000_000;

/** Rows of a trace file. @throws TunesmithError (usage) for one that cannot be read or is in no known form */
export function readTrace(path: string): readonly TraceRow[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw usageError(FIELD, path, `cannot be read: ${messageOf(error)}`, FORMS);
  }
  if (text.length > MOST_BYTES) throw usageError(FIELD, path, 'is larger than 10 MB', FORMS);
  return parseTrace(text, path);
}

/** Rows of a trace's text, in order of their cycles. @param path for messages */
export function parseTrace(text: string, path: string): readonly TraceRow[] {
  const first = text.trimStart()[0];
  const rows = first === '[' || first === '{' ? fromJson(text, path) : fromCsv(text, path);
  if (rows.length === 0) throw usageError(FIELD, path, 'has no rows', FORMS);
  const sorted = [...rows].sort((a, b) => a.cycle - b.cycle);
  const twice = sorted.find((row, i) => row.cycle === sorted[i - 1]?.cycle);
  if (twice) throw usageError(FIELD, path, `names cycle ${twice.cycle} twice`);
  return sorted;
}

/** One row's values of the knobs tuned, in their units. @throws TunesmithError (usage) naming row and knob */
export function settingsOf({ cycle, values }: TraceRow, knobs: readonly Knob[]): KnobValues {
  const stranger = Object.keys(values).find((name) => knobs.every((knob) => knob.name !== name));
  if (stranger !== undefined)
    throw usageError(
      FIELD,
      stranger,
      `in cycle ${cycle} is not among the knobs being tuned`,
      `they are ${knobs.map(({ name }) => name).join(', ')}`,
    );
  return Object.fromEntries(
    knobs.flatMap((knob) => {
      const typed = values[knob.name];
      return typed === undefined ? [] : [[knob.name, parseValue(knob, String(typed).trim())]];
    }),
  );
}

function fromJson(text: string, path: string): TraceRow[] {
  let data: unknown;
  try {
    data = text.trimStart().startsWith('[') ? JSON.parse(text) : jsonLines(text);
  } catch (error) {
    throw usageError(FIELD, path, `is not JSON: ${messageOf(error)}`, FORMS);
  }
  const parsed = traceJson.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw usageError(FIELD, path, `row ${String(issue?.path[0] ?? 0)}: ${issue?.message}`, FORMS);
  }
  return parsed.data.map((row, i) =>
    isWhole(row) ? { cycle: row.cycle ?? i + 1, values: row.values } : { cycle: i + 1, values: row },
  );
}

/** A recorded run: of each line its cycle and values, the default's own left out. */
const jsonLines = (text: string): unknown =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => z.object({ cycle: z.int(), values: z.record(z.string(), value) }).parse(JSON.parse(line)))
    .filter(({ cycle }) => cycle > 0);

type Whole = {
  readonly cycle?: number | undefined;
  readonly values: Readonly<Record<string, string | number>>;
};
const isWhole = (row: object): row is Whole => 'values' in row && typeof row.values === 'object';

function fromCsv(text: string, path: string): TraceRow[] {
  const [head, ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const names = (head ?? '').split(',').map((name) => name.trim());
  if (names.length === 0 || names.some((name) => !/^[a-z]\w*$/i.test(name)))
    throw usageError(FIELD, path, 'does not begin with names of columns', FORMS);
  return lines.map((line, i) => {
    const cells = line.split(',').map((cell) => cell.trim());
    if (cells.length !== names.length)
      throw usageError(FIELD, path, `line ${i + 2} has ${cells.length} values for ${names.length} columns`);
    const row = Object.fromEntries(names.map((name, c) => [name, cells[c] as string]));
    const { cycle = String(i + 1), ...values } = row;
    if (!/^\d+$/.test(cycle)) throw usageError(FIELD, path, `line ${i + 2}: cycle ${cycle} is not a number`);
    return {
      cycle: Number(cycle),
      values: Object.fromEntries(Object.entries(values).filter(([, cell]) => cell !== '')),
    };
  });
}
