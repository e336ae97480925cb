import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import {
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  validateHostHeader,
  validateOriginHeader,
} from '@modelcontextprotocol/server';

/** JSON-RPC codes of answers that are no result (the transport's own is in the range of servers). */
export const CODE = {
  parse: -32700,
  invalid: -32600,
  internal: -32603,
  server: -32000,
  noSession: -32001,
} as const;

/** Answers a request by an error that names no call. */
export function answer(
  res: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
  code: number = CODE.server,
): void {
  const text = errorText(code, message);
  const length = { 'content-length': String(Buffer.byteLength(text)) };
  res.writeHead(status, { 'content-type': 'application/json', ...length, ...headers });
  res.end(text);
}

/**
 * The same for a request whose body is not read on: the connection ends with the answer. Closing it while the client
 * still sends would reset it, and its system may drop the answer for that; so this side ends at once, reads nothing more,
 * and closes when the client does, or after a while.
 */
export function answerAndClose({ socket }: IncomingMessage, status: number, message: string): void {
  const text = errorText(CODE.server, message);
  socket.pause();
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\nconnection: close\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
}

const LINGER_MS = 5_000;

const errorText = (code: number, message: string): string =>
  JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } });

/** What serves: GET listens, POST asks, DELETE ends a session. */
export const METHODS = 'GET, POST, DELETE';

/** Headers of which a second one would be read by one program and passed over by the next. */
const SINGLE = ['host', 'authorization', 'origin', 'content-type', 'content-length', 'mcp-session-id'];

function doubled({ rawHeaders }: IncomingMessage): string | undefined {
  const names = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  return SINGLE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
}

/** The path and host of a request's target, in absolute form too (RFC 9112, 3.2.2: it overrides Host). */
export function targetOf(req: IncomingMessage): { path: string; host: string | undefined } | null {
  const target = req.url ?? '';
  if (target.startsWith('/')) return { path: target.split('?', 1)[0] as string, host: req.headers.host };
  const url = /^http:\/\//i.test(target) && URL.canParse(target) ? new URL(target) : null;
  return url && { path: url.pathname, host: url.host };
}

/**
 * Refuses what no client of this server sends, before anything of the request is read.
 * @returns its path, or null when it was answered
 */
export function admitted(req: IncomingMessage, res: ServerResponse): string | null {
  const twice = doubled(req);
  const refuse = (status: number, message: string, headers = {}): null => {
    answer(res, status, message, { connection: 'close', ...headers });
    return null;
  };
  if (twice !== undefined) return refuse(400, `the header ${twice} is there twice`);
  if (!METHODS.split(', ').includes(req.method ?? ''))
    return refuse(405, `use one of ${METHODS}`, { allow: METHODS });
  const target = targetOf(req);
  if (!target) return refuse(400, 'the target is no path');
  const host = validateHostHeader(target.host, localhostAllowedHostnames());
  if (!host.ok) return refuse(403, host.message);
  const origin = validateOriginHeader(req.headers.origin, localhostAllowedOrigins());
  if (!origin.ok) return refuse(403, origin.message);
  return target.path;
}
