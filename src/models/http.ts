import { messageOf, usageError } from '../errors.js';
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
 * fetch with what a key and an unknown server ask for: no redirects, a bound on the reply, and errors that say what
 * to do and quote the server briefly and redacted. Only a JSON reply with a 2xx status comes back.
 * @throws ModelError
 */
export function guardedFetch(caller: Caller): typeof fetch {
  return async (input, init) => {
    const response = await connect(caller, input, init);
    const text = await bodyOf(caller, response, init?.signal ?? null);
    if (!response.ok) throw refusal(caller, response, text);
    if (!isJson(text))
      throw new ModelError(
        'reply',
        `${caller.name}: the server's reply is not JSON: ${quote(caller, text)}`,
        {
          hint: 'check the base URL',
        },
      );
    return new Response(text, { status: response.status, headers: { 'content-type': 'application/json' } });
  };
}

async function connect(
  { name, redact }: Caller,
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
): Promise<Response> {
  try {
    return await fetch(input, { ...init, redirect: 'error' });
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    const why = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error);
    throw new ModelError('network', redact(`${name}: no connection: ${why}`), { hint: 'check the base URL' });
  }
}

async function bodyOf(caller: Caller, response: Response, signal: AbortSignal | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      // Leaving the loop cancels the body, and with it the connection.
      if (size > MOST_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ModelError('network', `${caller.name}: the reply was cut off after ${size} bytes`);
  }
  if (size > MOST_BYTES)
    throw new ModelError('reply', `${caller.name}: the reply is longer than ${MOST_BYTES} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}

function refusal(caller: Caller, { status, headers }: Response, text: string): ModelError {
  const kind = kindOf(status, text);
  const hint = HINTS[kind];
  return new ModelError(kind, `${caller.name}: ${status}: ${quote(caller, text)}`, {
    ...(hint === undefined ? {} : { hint }),
    retryAfterMs: retryAfter(headers.get('retry-after')),
  });
}

const HINTS: Partial<Record<FailureKind, string>> = {
  key: 'the key was refused: check it, or use `--tuner expert`, which needs none',
  model: 'the provider has no model of that name',
};

/** Google answers 400, not 401, to a key it does not know. */
function kindOf(status: number, text: string): FailureKind {
  if (status === 401 || status === 403 || (status === 400 && /api.?key.*(invalid|not valid)/is.test(text)))
    return 'key';
  if (status === 404) return 'model';
  if (status === 429) return 'rate';
  return status >= 500 || status === 408 ? 'server' : 'request';
}

/** RFC 9110, 10.2.3: seconds or a date; ms from now. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function quote({ redact }: Caller, text: string): string {
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text;
  return redact(message)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, MOST_QUOTED);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
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
