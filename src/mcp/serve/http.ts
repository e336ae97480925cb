import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createMcpHandler,
  isJsonContentType,
  isLegacyRequest,
  PROTOCOL_VERSION_META_KEY,
  type ServerNotifier,
} from '@modelcontextprotocol/server';
import { messageOf, TunesmithError } from '../../errors.js';
import { withNamesMeant } from '../names.js';
import { type Extend, mcpServer } from '../server.js';
import type { Services } from '../services.js';
import { calledAs } from '../tools/index.js';
import { readBody } from './body.js';
import { exchange, requestOf } from './exchange.js';
import { admitted, answer, answerAndClose, CODE, METHODS } from './refuse.js';
import { Sessions } from './sessions.js';
import type { Served } from './stdio.js';
import type { Authenticate } from './tokens.js';

/** Larger than any call there is, smaller than what would hurt. */
const BODY_LIMIT = 256 * 1024;
const PATH = '/mcp';
/**
 * Whoever sends slower than this is no client: header and body have to arrive, answers may take as long as they want.
 * Idle connections are kept longer than clients keep them, so that none is closed under a request on its way.
 */
const SLOWEST = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2000,
  keepAliveTimeout: 120_000,
};
/** Fewer than a process may have files open, so that the ledger can always be written. */
const CONNECTIONS = 768;

/** Whether a request says itself that it is of the 2026 protocol; most do, and this costs less than the SDK's look. */
const claimsModern = (body: unknown): boolean =>
  typeof (body as { params?: { _meta?: Record<string, unknown> } } | undefined)?.params?._meta?.[
    PROTOCOL_VERSION_META_KEY
  ] === 'string';

/** By headers and body as they are: a `Request` would be made of the body written out again, and nesting breaks that. */
const isLegacy = (req: IncomingMessage, body: unknown): Promise<boolean> =>
  isLegacyRequest(requestOf(req, new AbortController().signal), body);

/** The tool a request of the 2026 protocol calls, as its headers say (the SDK holds them to the body). */
const toolOf = (request: Request | undefined): string | undefined =>
  request?.headers.get('mcp-method') === 'tools/call'
    ? calledAs(request.headers.get('mcp-name') ?? '')
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
    if (req.method === 'POST' && !isJsonContentType(req.headers['content-type'] ?? null))
      return answerAndClose(req, 415, 'a request is application/json');
    const read = req.method === 'POST' ? await readBody(req, BODY_LIMIT) : undefined;
    if (read?.kind === 'too-long')
      return answerAndClose(req, 413, `a request has at most ${BODY_LIMIT} bytes`);
    if (read?.kind === 'no-json') return answer(res, 400, 'the request is no JSON', {}, CODE.parse);
    if (read && (typeof read.value !== 'object' || read.value === null))
      return answer(res, 400, 'the request is no JSON-RPC message', {}, CODE.invalid);
    const body = withNamesMeant(read?.value, calledAs);
    if (!claimsModern(body) && (await isLegacy(req, body))) return sessions.handle(req, res, body, caller);
    return exchange(modern, req, res, body, caller);
  };
  const http = createServer(SLOWEST, (req, res) => {
    const path = admitted(req, res);
    if (path === null) return;
    if (path !== PATH) return answer(res, 404, `use ${PATH}`);
    const caller = authenticate(req.headers.authorization);
    if (caller === null)
      return answer(res, 401, 'a bearer token of this server is needed', { 'www-authenticate': 'Bearer' });
    serve(req, res, caller).catch((error) => {
      // A request that was read to its end counts as destroyed, and its client waits all the same.
      if (res.destroyed) return;
      note(`mcp: ${messageOf(error)}`);
      if (res.headersSent) res.destroy();
      else answer(res, 500, 'the request failed here', {}, CODE.internal);
    });
  });
  http.maxConnections = CONNECTIONS;
  http.on('connect', (_, socket) => {
    socket.end(
      `HTTP/1.1 405 Method Not Allowed\r\nallow: ${METHODS}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    );
  });
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
