import type { SourcePlace } from './verdict.js';

/** Where and why the kernel's verifier stopped, out of the thousands of lines it may write. */
export interface VerifierStop {
  /** The verifier’s own sentence; empty when it stopped at an instruction and said nothing. */
  readonly reason: string;
  /** The instruction it stopped at, as it prints it; empty when it stopped before the first. */
  readonly instruction: string;
  /** What it knew of the registers that the sentence and the instruction name: `R0=map_value_or_null(…)`. */
  readonly state: readonly string[];
  /**
   * The source line the instruction is of, and its text: the last one of the policy’s own where it lies in a header, the one
   * where it was taken for a reference that is never given back.
   */
  readonly place?: SourcePlace;
  readonly source?: string;
  /** The line of the header that the instruction is of, when it is of one. */
  readonly within?: SourcePlace;
}

/** `; text @ file.c:12`, before the instructions of that line (Linux 6.10 and newer tell the place). */
const SOURCE = /^; (.*?)(?: @ (\S+?):(\d+))?$/;
/** libbpf writes its own words in place of one that it could not fill in: `1: <invalid kfunc call>`. */
const INSTRUCTION = /^(\d+): (\([0-9a-f]{2}\) .*?|<invalid .*?>)(?:\s*; (.*))?$/;
const COUNTS = /^(processed \d+ insns|verification time|stack depth)/;
const FACT = /\bR(\d+)(?:_\w+)?=([^\s(]+\((?:[^()]|\([^()]*\))*\)|[^\s(]+)/g;

/** The last thing the log says of each register. */
function factsIn(lines: readonly string[]): Map<string, string> {
  const facts = new Map<string, string>();
  for (const line of lines) for (const [, n, what] of line.matchAll(FACT)) facts.set(`${n}`, `R${n}=${what}`);
  return facts;
}

const registersIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/\b[rRw](\d+)\b/g)].map(([, n]) => n as string)),
];

/**
 * What the verifier writes beside its verdict: how it came there, what it went back for (mark_precise), the state of
 * registers, functions it begins with.
 */
const ASIDE =
  /^(?:from |R\d+\S*=|fp|frame\d+:|\d+: (?:frame\d+: )?R\d|caller:|callee:|returning from callee|to caller at|mark_precise|regs=|parent |last_idx|(?:cur|old) state:|(?:cur|old) |Func#|func#|Validating |arg#\d+ reference type\('UNKNOWN|BPF program is loaded|stack=| R\d+\S*=)/;
/** More of a sentence than this nobody reads. */
const LONGEST = 600;

/**
 * The sentence it stopped with, which may go over several lines: all that is none of the above behind the last
 * instruction, or, where a function's arguments are refused, before the first.
 */
function sentenceAfter(lines: readonly string[], at: number): string {
  const words = lines
    .slice(at + 1)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !SOURCE.test(line) && !ASIDE.test(line));
  return words.slice(-4).join(' ').slice(0, LONGEST);
}

/** A reference that is not given back is told of at the end of the program: what matters is where it was taken. */
function blamed(lines: readonly string[], reason: string, at: number): number {
  const taken = /alloc_insn=(\d+)/.exec(reason)?.[1];
  const where = taken === undefined ? -1 : lines.findIndex((line) => INSTRUCTION.exec(line)?.[1] === taken);
  return where < 0 ? at : where;
}

/** Reads a verifier log from its end. */
export function distil(log: string): VerifierStop {
  const lines = log
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !COUNTS.test(line));
  const at = lines.findLastIndex((line) => INSTRUCTION.test(line));
  const reason = sentenceAfter(lines, at);
  if (at < 0)
    return { reason: reason || (lines.findLast((line) => line !== '') ?? ''), instruction: '', state: [] };
  const [, index, instruction = ''] = INSTRUCTION.exec(lines[at] as string) ?? [];
  const facts = factsIn(lines.slice(0, at + 1));
  const state = registersIn(`${reason} ${instruction}`).flatMap((n) => facts.get(n) ?? []);
  return {
    reason,
    instruction: `${index}: ${instruction}`,
    state,
    ...placeBefore(lines.slice(0, blamed(lines, reason, at))),
  };
}

/** The place that the last of these lines belongs to. */
function placeBefore(lines: readonly string[]): Pick<VerifierStop, 'place' | 'source' | 'within'> {
  const at = (line: string | undefined) => {
    const [, source, file, row] = SOURCE.exec(line ?? '') ?? [];
    const place = file === undefined || row === undefined ? undefined : { file, line: Number(row) };
    return { ...(place && { place }), ...(source === undefined ? {} : { source }) };
  };
  const last = at(lines.findLast((line) => SOURCE.test(line)));
  if (!last.place?.file.endsWith('.h')) return last;
  const own = at(
    lines.findLast((line) => / @ \S+:\d+$/.test(line) && !/\.h:\d+$/.test(line) && SOURCE.test(line)),
  );
  return own.place === undefined ? last : { ...own, within: last.place };
}
