import type { Finding } from '../verdict.js';
import { type Compiled, HEADERS, preprocess, type Setting, SOURCE_NAME } from './clang.js';
import { expandedLines, ownColumn } from './columns.js';
import type { Names } from './hints.js';
import { findingOf, type Message, parseMessages } from './messages.js';
import {
  openedFiles,
  outsideFiles,
  outsideFinding,
  refusedAssembly,
  refusedDirectives,
  refusedLines,
  soughtOutside,
} from './outside.js';
import { ownNameFlags } from './own-names.js';

/** A policy longer than this is none. */
const LONGEST = 1_000_000;

/** A policy's text with all that it includes, looked through: this very text is compiled, and nothing else is read. */
export interface CheckedText {
  readonly text: string;
  /** What clang said while it made the text. */
  readonly messages: readonly Message[];
}

/** Either why a policy is not compiled, or what is. */
export type Passage =
  | { readonly refused: readonly Finding[] }
  | { readonly failed: Compiled }
  | { readonly checked: CheckedText };

/**
 * The gate every source goes through. Nothing clang says is passed on before it is known what it has read.
 * @param prelude comes before the policy and is trusted
 */
export async function passGate(setting: Setting, source: string, prelude = ''): Promise<Passage> {
  if (source.length > LONGEST) return { refused: [tooLong(source.length)] };
  if (source.includes('\0')) return { refused: [notText] };
  const directives = refusedDirectives(source);
  if (directives.length > 0) return { refused: directives };
  const flags = [...setting.flags, ...ownNameFlags(source, HEADERS)];
  const made = await preprocess({ ...setting, flags }, source, prelude);
  const opened = openedFiles(made.stderr);
  const outside = outsideFiles(opened, setting.headers, HEADERS)[0] ?? soughtOutside(made.stderr);
  if (outside !== undefined) return { refused: [outsideFinding(outside)] };
  if (!made.ok) return { failed: made };
  const text = made.output.toString('utf8');
  const refused = [...refusedLines(text, opened), ...refusedAssembly(text)];
  if (refused.length > 0) return { refused };
  return { checked: { text, messages: parseMessages(made.stderr) } };
}

/** A compiler passes over NUL bytes, also within a directive. */
const notText: Finding = {
  stage: 'compile',
  rule: 'compile/error',
  severity: 'error',
  message: 'the source holds NUL bytes: it is no text',
  hint: 'a policy is C source as text',
};

const tooLong = (length: number): Finding => ({
  stage: 'compile',
  rule: 'compile/limit',
  severity: 'error',
  message: `the source is ${length} characters long; the limit is ${LONGEST}`,
  hint: 'a policy is a few hundred lines; leave out what it does not use',
});

/** What is needed to say where clang's messages belong. */
export interface Told {
  /** What to call the source. */
  readonly file: string;
  readonly source: string;
  readonly names: Names;
}

/** clang's messages as findings. With the text they were made of, columns are those of the policy's own lines. */
export function findingsOf(
  messages: readonly Message[],
  { file, source, names }: Told,
  text?: string,
): Finding[] {
  if (messages.length === 0) return [];
  const lines = source.split('\n');
  const expanded = text === undefined ? undefined : expandedLines(text, SOURCE_NAME);
  const own = (message: Message): Message => {
    if (expanded === undefined || message.file !== SOURCE_NAME) return message;
    const { line } = message;
    return {
      ...message,
      column: ownColumn(lines[line - 1] ?? '', expanded.get(line) ?? [], message.column) ?? 0,
    };
  };
  return messages.map((message) => findingOf(own(message), file, SOURCE_NAME, names));
}
