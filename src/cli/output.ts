import { EXIT, type ExitCode, messageOf, TunesmithError } from '../errors.js';

/** How a command talks: results on stdout, everything else on stderr. */
export interface Output {
  readonly json: boolean;
  /** Colour and redrawing are wanted and possible. */
  readonly rich: boolean;
  /** One line of progress; redrawn in place on a terminal. */
  progress(text: string): void;
  /** A lasting remark on stderr. */
  note(text: string): void;
  /** The command's result: `value` as one JSON object with --json, else `text`. */
  result(value: unknown, text: string): void;
}

export function makeOutput(json: boolean): Output {
  const rich =
    Boolean(process.stderr.isTTY) && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb';
  let drawn = false;
  const clear = (): void => {
    if (drawn) process.stderr.write('\r\x1b[2K');
    drawn = false;
  };
  return {
    json,
    rich,
    progress(text) {
      if (!rich) {
        process.stderr.write(`${text}\n`);
        return;
      }
      clear();
      process.stderr.write(text.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1)));
      drawn = true;
    },
    note(text) {
      clear();
      process.stderr.write(`${text}\n`);
    },
    result(value, text) {
      clear();
      process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`);
    },
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
