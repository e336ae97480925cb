import type { IncomingMessage } from 'node:http';
import { messageOf, usageError } from '../errors.js';
import { connect, type Outgoing } from './connect.js';
import { decode } from './decode.js';
import { type FailureKind, ModelError } from './failure.js';
import type { Redact } from './redact.js';

/** The longest reply read, bytes: a tuning decision is a few hundred. */
const MOST_BYTES = 1 << 20;
const MOST_QUOTED = 300;

export interface Caller {
  /** For messages: `gemini:gemini-2.5-flash`. */
  readonly name: string;
  readonly redact: Redact;
}

/**
 * One exchange, with what a key and an unknown server ask for: no redirects, a bound on the reply, and errors that say
 * what to do and quote the server briefly and redacted.
 * @returns the body's text; only of a 2xx status, and only when it is no error in disguise
 * @throws ModelError
 */
export async function exchange(caller: Caller, url: URL, outgoing: Outgoing): Promise<string> {
  const { signal } = outgoing;
  const response = await opened(caller, url, outgoing);
  const text = await bodyOf(caller, response, signal);
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) throw redirected(caller, status, response.headers.location);
  if (status < 200 || status >= 300)
    throw refusal(caller, status, text, retryAfter(response.headers['retry-after']));
  const inside = errorIn(text);
  if (inside)
    throw refusal(caller, inside.status, JSON.stringify(inside.error), undefined, `${status} with an error`);
  return text;
}

/** `exchange` as a fetch, for a client that brings its own; the body has to be JSON. @throws ModelError */
export function guardedFetch(caller: Caller): typeof fetch {
  return async (input, init) => {
    const { url, method, headers, body } = new Request(input, init);
    const text = await exchange(caller, new URL(url), {
      ...{ method, headers: Object.fromEntries(headers) },
      body: body === null ? undefined : await new Response(body).text(),
      signal: init?.signal ?? undefined,
    });
    if (jsonIn(text) === undefined) throw notJson(caller, text);
    return new Response(text, { status: 200, headers: { 'content-type': 'application/json' } });
  };
}

/** The error for a body that is no JSON. */
export const notJson = (caller: Caller, text: string): ModelError =>
  new ModelError('reply', `${caller.name}: the server's reply is not JSON: ${quote(caller, text)}`, {
    hint: 'check the base URL',
  });

async function opened({ name, redact }: Caller, url: URL, outgoing: Outgoing): Promise<IncomingMessage> {
  try {
    return await connect(url, outgoing);
  } catch (error) {
    if (outgoing.signal?.aborted) throw error;
    // Where a name has several addresses, the message is empty and the reasons are inside.
    const [first = error] = error instanceof AggregateError ? error.errors : [];
    throw new ModelError('network', redact(`${name}: no connection: ${messageOf(first)}`), {
      hint: 'check the base URL',
    });
  }
}

async function bodyOf(
  caller: Caller,
  response: IncomingMessage,
  signal: AbortSignal | undefined,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      // Leaving the loop destroys the response, and with it the connection.
      if (size > MOST_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ModelError('network', `${caller.name}: the reply was cut off after ${size} bytes`);
  }
  if (size > MOST_BYTES)
    throw new ModelError('reply', `${caller.name}: the reply is longer than ${MOST_BYTES} bytes`);
  return decode(Buffer.concat(chunks));
}

function redirected({ name, redact }: Caller, status: number, location = 'nowhere'): ModelError {
  return new ModelError('request', redact(`${name}: ${status}: a redirect to ${location.slice(0, 200)}`), {
    hint: 'the key is not sent on: give that address as baseUrl if it is the right one',
  });
}

function refusal(
  caller: Caller,
  status: number,
  text: string,
  retryAfterMs: number | undefined,
  shown = `${status}`,
): ModelError {
  const kind = kindOf(status, text);
  const hint = HINTS[kind];
  return new ModelError(kind, `${caller.name}: ${shown}: ${quote(caller, text)}`, {
    ...(hint === undefined ? {} : { hint }),
    retryAfterMs,
    status,
  });
}

const HINTS: Partial<Record<FailureKind, string>> = {
  key: 'the key was refused: check it, or use `--tuner expert`, which needs none',
  model: 'the provider has no model of that name',
};

/** Two looks instead of one pattern: a hostile body could make that one take minutes. */
function isOfKey(text: string): boolean {
  const at = text.search(/api.?key/i);
  return at >= 0 && /invalid|not valid/i.test(text.slice(at));
}

/** Google answers 400, not 401, to a key it does not know. */
function kindOf(status: number, text: string): FailureKind {
  if (status === 401 || status === 403 || (status === 400 && isOfKey(text))) return 'key';
  if (status === 404) return 'model';
  if (status === 429) return 'rate';
  return status >= 500 || status === 408 ? 'server' : 'request';
}

/**
 * An error that came with a 2xx status, as gateways and some servers send them: in `error`, and in the only choice of a
 * completion. The status is the one it names, else it counts as the server's.
 */
function errorIn(text: string): { readonly error: unknown; readonly status: number } | null {
  const body = jsonIn(text) as
    | { error?: unknown; choices?: readonly { error?: unknown }[] }
    | null
    | undefined;
  if (typeof body !== 'object' || body === null) return null;
  const error = body.error || (Array.isArray(body.choices) ? body.choices[0]?.error : undefined);
  if (!error) return null;
  const { code, status, type } = (typeof error === 'object' ? error : {}) as Record<string, unknown>;
  const named = [code, status].map(Number).find((value) => value >= 400 && value < 600);
  return {
    error: typeof error === 'object' ? error : { message: String(error) },
    status: named ?? statusOf(code, type),
  };
}

/** Statuses that errors have by name. */
function statusOf(...names: readonly unknown[]): number {
  const text = names.join(' ');
  if (/rate.?limit|quota|exhausted/i.test(text)) return 429;
  if (/auth|permission|api.?key/i.test(text)) return 401;
  if (/invalid|context|length|bad.?request|unsupported/i.test(text)) return 400;
  return /not.?found/i.test(text) ? 404 : 500;
}

/** RFC 9110, 10.2.3: seconds or a date; ms from now. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function quote({ redact }: Caller, text: string): string {
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text;
  return redact(message)
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, MOST_QUOTED);
}

/** What a text holds as JSON; undefined where it is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A base URL that a key may be sent to.
 * @throws TunesmithError (usage) for anything but https, or http on this machine
 */
export function checkedBase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw usageError('baseUrl', text, 'is not an http or https address');
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isHere)
    throw usageError('baseUrl', text, 'would send the key and the prompts in clear text', 'use https');
  if (url.username !== '' || url.password !== '')
    throw usageError('baseUrl', `${url.protocol}//…@${url.host}`, 'holds a password', 'use keyFile');
  return url.href.replace(/\/$/, '');
}
