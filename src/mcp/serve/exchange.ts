import type { IncomingMessage, ServerResponse } from 'node:http';
import type { McpHttpHandler } from '@modelcontextprotocol/server';

/**
 * What the SDK's handler reads of a request whose body is parsed already. A web `Request` and `Headers` of Node's, made
 * and thrown away for each call, cost as much as the call itself.
 */
function requestOf({ method = 'GET', headers }: IncomingMessage, signal: AbortSignal): Request {
  const get = (name: string): string | null => {
    const value = headers[name.toLowerCase()];
    return value === undefined ? null : String(value);
  };
  return {
    method,
    headers: { get, has: (name: string) => get(name) !== null },
    signal,
  } as unknown as Request;
}

/** One request of the 2026 protocol, its body parsed, through the SDK's handler. */
export async function exchange(
  handler: Pick<McpHttpHandler, 'fetch'>,
  req: IncomingMessage,
  res: ServerResponse,
  parsedBody: unknown,
  caller: string,
): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  // The token itself goes no further.
  const authInfo = { token: '', clientId: caller, scopes: [] };
  const response = await handler.fetch(requestOf(req, gone.signal), { authInfo, parsedBody });
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith('text/event-stream')) {
    const body = await response.text();
    const length = { 'content-length': Buffer.byteLength(body) };
    res.writeHead(response.status, { ...Object.fromEntries(response.headers), ...length }).end(body);
    return;
  }
  res.writeHead(response.status, Object.fromEntries(response.headers));
  try {
    for await (const chunk of response.body ?? []) {
      if (gone.signal.aborted) break;
      if (!res.write(chunk)) await drained(res);
    }
  } finally {
    res.end();
  }
}

const drained = (res: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    res.once('drain', resolve);
    res.once('close', resolve);
  });
