import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { localhostHostValidation, localhostOriginValidation, toWebRequest } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  isJsonContentType,
  isLegacyRequest,
  PROTOCOL_VERSION_META_KEY,
  type ServerNotifier,
} from '@modelcontextprotocol/server';
import { messageOf, TunesmithError } from '../../errors.js';
import { type Extend, mcpServer } from '../server.js';
import type { Services } from '../services.js';
import { readBody } from './body.js';
import { exchange } from './exchange.js';
import { Sessions } from './sessions.js';
import type { Served } from './stdio.js';
import type { Authenticate } from './tokens.js';

/** Larger than any call there is, smaller than what would hurt. */
const BODY_LIMIT = 256 * 1024;
const PATH = '/mcp';

function answer(
  res: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
  code = -32000,
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } }));
}

/** Whether a request says itself that it is of the 2026 protocol; most do, and this costs less than the SDK's look. */
const claimsModern = (body: unknown): boolean =>
  typeof (body as { params?: { _meta?: Record<string, unknown> } } | undefined)?.params?._meta?.[
    PROTOCOL_VERSION_META_KEY
  ] === 'string';

const isLegacy = async (req: IncomingMessage, body: unknown): Promise<boolean> =>
  isLegacyRequest(await toWebRequest(req as Parameters<typeof toWebRequest>[0], body), body);

/** The tool a request of the 2026 protocol calls, as its headers say (the SDK holds them to the body). */
const toolOf = (request: Request | undefined): string | undefined =>
  request?.headers.get('mcp-method') === 'tools/call'
    ? (request.headers.get('mcp-name') ?? undefined)
    : undefined;

/**
 * Serves any number of clients over Streamable HTTP on the loopback address. Host, Origin and token are checked
 * before anything of a request is read.
 * @param port 0: any that is free
 * @returns also `notify`, for what `extend` adds: the lists of this server itself never change
 */
export async function overHttp(
  services: Services,
  port: number,
  authenticate: Authenticate,
  note: (text: string) => void,
  extend?: Extend,
): Promise<Served & { readonly url: string; readonly notify: ServerNotifier }> {
  const make = (caller: string, onlyTool?: string) => mcpServer(services, caller, { extend, onlyTool });
  const modern = createMcpHandler(
    ({ authInfo, requestInfo }) => {
      if (!authInfo) throw new TunesmithError('internal', 'a request got here without a caller');
      return make(authInfo.clientId, toolOf(requestInfo));
    },
    { legacy: 'reject', maxSubscriptions: 64, onerror: (error) => note(`mcp: ${error.message}`) },
  );
  const sessions = new Sessions(make);
  const serve = async (req: IncomingMessage, res: ServerResponse, caller: string): Promise<void> => {
    const body = req.method === 'POST' ? await readBody(req, BODY_LIMIT) : undefined;
    if (body === null) return answer(res, 413, `a request has at most ${BODY_LIMIT} bytes`);
    if (req.method === 'POST' && !isJsonContentType(req.headers['content-type'] ?? null))
      return answer(res, 415, 'a request is application/json');
    if (req.method === 'POST' && body === undefined)
      return answer(res, 400, 'the request is no JSON', {}, -32700);
    if (!claimsModern(body) && (await isLegacy(req, body))) return sessions.handle(req, res, body, caller);
    return exchange(modern, req, res, body, caller);
  };
  const [hostIsLocal, originIsLocal] = [localhostHostValidation(), localhostOriginValidation()];
  const http = createServer((req, res) => {
    if (!hostIsLocal(req, res) || !originIsLocal(req, res)) return;
    if (req.url?.split('?', 1)[0] !== PATH) return answer(res, 404, `use ${PATH}`);
    const caller = authenticate(req.headers.authorization);
    if (caller === null)
      return answer(res, 401, 'a bearer token of this server is needed', { 'www-authenticate': 'Bearer' });
    serve(req, res, caller).catch((error) => {
      note(`mcp: ${messageOf(error)}`);
      if (!res.headersSent) answer(res, 500, 'the request failed here', {}, -32603);
    });
  });
  // Longer than clients keep idle connections, so that none is closed under a request on its way.
  http.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error) =>
      reject(new TunesmithError('incapable', `cannot listen on 127.0.0.1:${port}: ${error.message}`)),
    );
    http.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}${PATH}`,
    notify: modern.notify,
    changed: (uri) => {
      modern.notify.resourceUpdated(uri);
      sessions.changed(uri);
    },
    close: async () => {
      await Promise.all([modern.close(), sessions.close()]);
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
