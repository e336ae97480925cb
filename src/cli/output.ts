import { EXIT, type ExitCode, messageOf, TunesmithError } from '../errors.js';

/** How a command talks: results on stdout, everything else on stderr. */
export interface Output {
  readonly json: boolean;
  /** A line about a step, cut to the width of a terminal: reports keep the whole of it. */
  step(text: string): void;
  /** A remark on stderr. */
  note(text: string): void;
  /** The command's result: `value` as one JSON object with --json, else `text`. */
  result(value: unknown, text: string): void;
}

export function makeOutput(json: boolean): Output {
  const fit = (text: string): string => {
    const width = Math.max(20, (process.stderr.columns ?? 80) - 1);
    return process.stderr.isTTY && text.length > width ? `${text.slice(0, width - 1)}…` : text;
  };
  return {
    json,
    step: (text) => void process.stderr.write(`${fit(text)}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    result: (value, text) => void process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`),
  };
}

/** Says what went wrong and the way out; returns the exit code the command line's contract gives it. */
export function reportError(error: unknown, json: boolean): ExitCode {
  const known = error instanceof TunesmithError ? error : null;
  if (json) {
    const body = {
      error: { code: known?.code ?? 'internal', message: messageOf(error), hint: known?.hint ?? null },
    };
    process.stdout.write(`${JSON.stringify(body)}\n`);
  } else {
    process.stderr.write(`tunesmith: ${messageOf(error)}\n`);
    if (known?.hint !== undefined) process.stderr.write(`  ${known.hint}\n`);
    if (!known && error instanceof Error && error.stack) process.stderr.write(`${error.stack}\n`);
  }
  return known?.exitCode ?? EXIT.rejected;
}
