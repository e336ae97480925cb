import { basename } from 'node:path';
import type { Finding } from '../verdict.js';
import { explain, type Names } from './hints.js';

/** A message of clang's, as it is printed. */
export interface Message {
  /** As clang was given it; empty for one about no file. */
  readonly file: string;
  readonly line: number;
  /** 0 where it is not known. */
  readonly column: number;
  readonly severity: 'error' | 'warning';
  readonly text: string;
}

const PLACED = /^(.+?):(\d+):(\d+): (fatal error|error|warning): (.*)$/;
const PLACELESS = /^(?:clang[\w-]*: )?(fatal error|error|warning): (.*)$/;
/** The last words of a run that failed; the messages before it say why. */
const COUNT = /^\d+ (?:error|warning)s?/;
/** More than these nobody reads. */
const MOST = 20;

/** What clang wrote to stderr, message by message; notes and source lines are left out. */
export function parseMessages(stderr: string): Message[] {
  const found = stderr.split('\n').flatMap((line): Message[] => {
    const [, file, row, column, kind, text] = PLACED.exec(line) ?? [];
    if (file !== undefined && text !== undefined)
      return [
        {
          file,
          line: Number(row),
          column: Number(column),
          severity: kind === 'warning' ? 'warning' : 'error',
          text: text.replace(/ \[-W[\w-]+(?:,-W[\w-]+)*\]$/, ''),
        },
      ];
    const [, severity, rest] = PLACELESS.exec(line) ?? [];
    if (severity === undefined || rest === undefined || COUNT.test(rest)) return [];
    return [
      { file: '', line: 0, column: 0, severity: severity === 'warning' ? 'warning' : 'error', text: rest },
    ];
  });
  const errors = found.filter(({ severity }) => severity === 'error');
  return [...errors, ...found.filter(({ severity }) => severity === 'warning')].slice(0, MOST);
}

/** A message as a finding with a rule of ours, and a way out where one is known. `file` is the policy's own name. */
export function findingOf(message: Message, file: string, policyFile: string, names: Names): Finding {
  const { rule, hint } = explain(message.text, names);
  const place =
    message.line === 0
      ? undefined
      : {
          file: message.file === policyFile ? file : basename(message.file),
          line: message.line,
          ...(message.column > 0 && { column: message.column }),
        };
  return {
    stage: 'compile',
    rule: message.severity === 'warning' ? 'compile/warning' : rule,
    severity: message.severity,
    message: message.text,
    ...(place && { place }),
    ...(hint !== undefined && { hint }),
  };
}
