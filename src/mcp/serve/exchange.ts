import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { McpHttpHandler } from '@modelcontextprotocol/server';
import { calledAs } from '../tools/index.js';

/**
 * What the SDK's handler reads of a request whose body is parsed already. A web `Request` and `Headers` of Node's, made
 * and thrown away for each call, cost as much as the call itself.
 */
export function requestOf({ method = 'GET', headers }: IncomingMessage, signal: AbortSignal): Request {
  const get = (name: string): string | null => {
    const value = headers[name.toLowerCase()];
    if (value === undefined) return null;
    // The handler holds it to the body, where every tool has the name it is listed under.
    return name.toLowerCase() === 'mcp-name' && headers['mcp-method'] === 'tools/call'
      ? calledAs(String(value))
      : String(value);
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
  // Without a body there is nothing but the head. A client that goes away ends the stream, which is no failure.
  if (!response.body) return void res.end();
  await pipeline(response.body, res).catch((error) => {
    if (!gone.signal.aborted && !res.destroyed) throw error;
  });
}
