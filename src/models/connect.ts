import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';

/** Between probes of a connection on which a model is thinking: what forgets silent connections lies on many ways. */
const PROBE_MS = 30_000;

/** What of a request `connect` uses; the same fields as fetch's. */
export interface Outgoing {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends one request and resolves with the response once its headers are there. It has no time limit of its own, the
 * signal's is the only one: Node's fetch gives up on headers after 300 s, and its limit cannot be set without the package
 * behind it, so a model that thinks for longer could not be waited for. Redirects are not followed, a connection serves
 * one request.
 * @throws Error of the socket, or the signal's
 */
export function connect(url: URL, { method, headers, body, signal }: Outgoing): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? secureRequest : plainRequest;
  const bytes = body === undefined ? undefined : Buffer.from(body, 'utf8');
  const length = bytes === undefined ? {} : { 'content-length': `${bytes.length}` };
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        ...{ method: method ?? 'GET', headers: { ...headers, ...length }, agent: false },
        ...(signal ? { signal } : {}),
      },
      resolve,
    );
    sent.on('socket', (socket) => socket.setKeepAlive(true, PROBE_MS));
    sent.on('error', reject);
    sent.end(bytes);
  });
}
