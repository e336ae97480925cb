import type { SourcePlace } from './verdict.js';

/** Where and why the kernel's verifier stopped, out of the thousands of lines it may write. */
export interface VerifierStop {
  /** The verifier’s own sentence. */
  readonly reason: string;
  /** The instruction it stopped at, as it prints it; empty when it stopped before the first. */
  readonly instruction: string;
  /** What it knew of the registers that the sentence and the instruction name: `R0=map_value_or_null(…)`. */
  readonly state: readonly string[];
  /** The source line the instruction is of, and its text. */
  readonly place?: SourcePlace;
  readonly source?: string;
}

/** `; text @ file.c:12`, before the instructions of that line (Linux 6.10 and newer tell the place). */
const SOURCE = /^; (.*?)(?: @ (\S+?):(\d+))?$/;
const INSTRUCTION = /^(\d+): (\([0-9a-f]{2}\) .*?)(?:\s*; (.*))?$/;
const COUNTS = /^(processed \d+ insns|verification time|stack depth)/;
const FACT = /\bR(\d+)(?:_\w+)?=(\S+?\([^)]*\)|[^\s(]+)/g;

/** The last thing the log says of each register. */
function factsIn(lines: readonly string[]): Map<string, string> {
  const facts = new Map<string, string>();
  for (const line of lines) for (const [, n, what] of line.matchAll(FACT)) facts.set(`${n}`, `R${n}=${what}`);
  return facts;
}

const registersIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/\b[rRw](\d+)\b/g)].map(([, n]) => n as string)),
];

/** The sentence may be followed by an explanation on lines of its own; the first line after the instruction is it. */
function sentenceAfter(lines: readonly string[], at: number): string {
  const words = lines
    .slice(at + 1)
    .filter((line) => line !== '' && !SOURCE.test(line) && !line.startsWith('from '));
  return words.filter((line) => !/^((R\d+|fp|frame\d+:)[^ ]*=|(cur|old) state:)/.test(line)).at(-1) ?? '';
}

/** Reads a verifier log from its end. */
export function distil(log: string): VerifierStop {
  const lines = log
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !COUNTS.test(line));
  const at = lines.findLastIndex((line) => INSTRUCTION.test(line));
  const reason = sentenceAfter(lines, at) || (lines.findLast((line) => line !== '') ?? '');
  if (at < 0) return { reason, instruction: '', state: [] };
  const [, index, instruction = ''] = INSTRUCTION.exec(lines[at] as string) ?? [];
  const facts = factsIn(lines.slice(0, at + 1));
  const state = registersIn(`${reason} ${instruction}`).flatMap((n) => facts.get(n) ?? []);
  const text = lines.slice(0, at).findLast((line) => SOURCE.test(line));
  const [, source, file, line] = SOURCE.exec(text ?? '') ?? [];
  return {
    reason,
    instruction: `${index}: ${instruction}`,
    state,
    ...(file === undefined || line === undefined ? {} : { place: { file, line: Number(line) } }),
    ...(source === undefined ? {} : { source }),
  };
}
