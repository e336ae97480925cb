import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf, TunesmithError } from '../errors.js';
import { nearNames } from '../near.js';
import { type RulesFile, ruleSchema, rulesSchema } from './schema.js';

/** A broken rules file stops everything that would be ruled by it: there is no telling what it meant. */
const broken = (file: string, at: { line: number; col: number }, what: string, hint?: string) =>
  new TunesmithError('usage', `${file}:${at.line}:${at.col}: ${what}`, {
    hint: hint ?? 'tunesmith schema rules prints what a rules file may say',
  });

/** @throws TunesmithError (usage) naming file, line and column */
export function parseRules(text: string, file: string): RulesFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    maxAliasCount: 0,
  } as object);
  const positionOf = (offset: number) => lines.linePos(offset);
  const wrong = document.errors[0] ?? document.warnings[0];
  if (wrong) throw broken(file, positionOf(wrong.pos[0]), wrong.message);
  const parsed = rulesSchema.safeParse(plain(document, file));
  if (!parsed.success) {
    const issue = parsed.error.issues[0] as z.core.$ZodIssue;
    const path = [...issue.path, ...(issue.code === 'unrecognized_keys' ? [issue.keys[0] as string] : [])];
    throw broken(file, positionOf(offsetOf(document, path)), said(issue, path), hintFor(issue));
  }
  const names = parsed.data.rules.map(({ name }) => name);
  const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (twice >= 0)
    throw broken(
      file,
      positionOf(offsetOf(document, ['rules', twice, 'name'])),
      `rules.${twice}.name: ${names[twice]} is the name of an earlier rule`,
      'give each rule a name of its own: refusals name it',
    );
  return parsed.data;
}

/** @throws TunesmithError (usage) when it cannot be read, or as `parseRules` */
export function readRules(file: string): RulesFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new TunesmithError('usage', `--rules: ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseRules(text, file);
}

type Document = ReturnType<typeof parseDocument>;

function plain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw broken(file, { line: 1, col: 1 }, messageOf(error), 'write out what an alias stands for');
  }
}

/** Where a path begins in the text: the deepest part of it that is there. A key is pointed at, not its value. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const items = (parent as { items?: readonly unknown[] } | undefined)?.items ?? [];
    for (const [i, item] of items.entries()) {
      const pair = item as { key?: { value?: unknown; range?: readonly number[] } };
      if (pair.key?.value === key && pair.key?.range) return pair.key.range[0] as number;
      if (i === key && isNode(item) && item.range) return item.range[0];
    }
  }
  return 0;
}

function said(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): string {
  const where = path.join('.') || 'the file';
  return issue.code === 'unrecognized_keys' ? `${where} is not known` : `${where}: ${issue.message}`;
}

function hintFor(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const known = [...Object.keys(rulesSchema.shape), ...Object.keys(ruleSchema.shape)];
  const near = nearNames(issue.keys[0] as string, known);
  return near.length > 0 ? `did you mean ${near.join(', ')}?` : undefined;
}
