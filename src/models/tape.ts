import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { canonical } from '../canonical.js';
import { messageOf, TunesmithError, usageError } from '../errors.js';
import { firstDifference } from './difference.js';
import { ModelError } from './failure.js';
import type { Redact } from './redact.js';
import type { WireReply, WireRequest } from './types.js';

/** A reply and how long it took, as a tape keeps it. */
export interface Taped extends WireReply {
  readonly latencyMs: number;
}

const count = z.int().nonnegative();
const lineSchema = z.object({
  key: z.string(),
  request: z.record(z.string(), z.unknown()),
  reply: z.object({
    text: z.string(),
    usage: z
      .object({
        inputTokens: count,
        outputTokens: count,
        thoughtTokens: count,
        cachedTokens: count,
        estimated: z.boolean(),
      })
      .nullable()
      // An older tape may hold what is no count.
      .catch(null),
    model: z.string(),
    ending: z.object({ kind: z.enum(['cut', 'refused', 'tool']), words: z.string() }).optional(),
    thought: z.boolean().optional(),
    latencyMs: z.number().nonnegative(),
  }),
});
type Line = z.infer<typeof lineSchema>;

export interface TapeOptions {
  readonly file: string;
  readonly mode: 'record' | 'replay' | 'auto';
  /** What of the configuration changes a reply: part of every key, and the tape's first line. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly redact: Redact;
}

/**
 * Requests and their replies, one JSON line each after a head. A request is known by the hash of what decides about
 * its reply; one that is asked again gets the next recorded reply. Secrets are redacted before anything is hashed
 * or written, so a tape replays without them.
 */
export class Tape {
  private readonly lines: Line[];
  private readonly played = new Set<Line>();

  /**
   * @throws TunesmithError (usage) for a file that is no tape, or, to replay, is not there, or, to record on, was
   * begun with another configuration
   */
  constructor(private readonly options: TapeOptions) {
    const { file, mode } = options;
    const head = { tape: 'tunesmith.tape/1', config: options.config };
    if (existsSync(file)) {
      const [first = '', ...lines] = readFileSync(file, 'utf8').split('\n');
      this.lines = read(file, lines);
      if (mode !== 'replay') this.refuseOther(first, head);
    } else if (mode === 'replay') throw new TunesmithError('usage', `tape: ${file} is not there`);
    else {
      this.lines = [];
      this.write(head);
    }
  }

  /** The reply on the tape, or what `call` brings, which is recorded. @throws ModelError (tape) in replay */
  async play(
    wire: Omit<WireRequest, 'form'>,
    call: () => Promise<Taped>,
  ): Promise<{ reply: Taped; replayed: boolean }> {
    const { mode, config, redact } = this.options;
    const asked = redact(canonical(tidy({ config, ...wire })));
    const key = createHash('sha256').update(asked).digest('hex');
    const request = JSON.parse(asked) as Record<string, unknown>;
    const found =
      mode === 'record' ? undefined : this.lines.find((line) => line.key === key && !this.played.has(line));
    if (found) {
      this.played.add(found);
      return { reply: found.reply, replayed: true };
    }
    if (mode === 'replay') throw this.missing(key, request);
    const { text, ...rest } = await call();
    const reply = { text: redact(text), ...rest };
    this.write({ key, request, reply });
    return { reply, replayed: false };
  }

  /** What is recorded under the head of another configuration is never found again. */
  private refuseOther(first: string, head: unknown): void {
    const { file, redact } = this.options;
    const theirs = headOf(file, first);
    const ours: unknown = JSON.parse(redact(JSON.stringify(head)));
    if (canonical(theirs) === canonical(ours)) return;
    const difference = firstDifference(pretty(theirs), pretty(ours));
    throw usageError(
      'tape',
      file,
      `was begun with another configuration:\n${difference}`,
      'record onto another file',
    );
  }

  private missing(key: string, request: Record<string, unknown>): ModelError {
    const { file } = this.options;
    const hint = 'record it again, or take mode auto to call for what is missing';
    if (this.lines.some((line) => line.key === key))
      return new ModelError('tape', `tape ${file}: a request comes more often than it was recorded`, {
        hint,
      });
    const next = this.lines.find((line) => !this.played.has(line));
    const why = next
      ? `it differs from the next recorded one:\n${firstDifference(pretty(next.request), pretty(request))}`
      : 'everything recorded has been played';
    return new ModelError('tape', `tape ${file}: request ${this.played.size + 1} is not on it; ${why}`, {
      hint,
    });
  }

  private write(line: unknown): void {
    const { file, redact } = this.options;
    try {
      appendFileSync(file, `${redact(JSON.stringify(line))}\n`, { mode: 0o600 });
    } catch (cause) {
      throw new TunesmithError('incapable', `tape: cannot write: ${messageOf(cause)}`, { cause });
    }
  }
}

function headOf(file: string, first: string): unknown {
  try {
    return JSON.parse(first);
  } catch {
    throw usageError('tape', file, 'is no tape: its first line is not JSON', 'record onto another file');
  }
}

function read(file: string, lines: readonly string[]): Line[] {
  return lines.flatMap((text, i) => {
    if (text.trim() === '') return [];
    try {
      return [lineSchema.parse(JSON.parse(text))];
    } catch {
      throw new TunesmithError('usage', `tape: ${file}, line ${i + 2} is no recorded call`, {
        hint: 'a recording that was cut off ends in half a line: delete that line',
      });
    }
  });
}

/** With single spaces: what does not change a reply should not change the key. */
const tidy = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'string' ? part.replace(/[ \t]+/g, ' ').trim() : part,
    ),
  );

const pretty = (value: unknown): readonly string[] =>
  JSON.stringify(value, null, 1).replaceAll('\\n', '\n').split('\n');
