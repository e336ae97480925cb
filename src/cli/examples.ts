import type { Command } from 'commander';
import { shellWord } from '../shell.js';

/** Words as a shell takes them, in one line that can be pasted. */
const quoted = (line: string): string =>
  line
    .split(' ')
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) || /['"]/.test(word) ? word : shellWord(word)))
    .join(' ');

/** Adds examples to a command's help. */
export const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${quoted(line)}`).join('\n')}`);
