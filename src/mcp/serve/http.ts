import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { TunesmithError } from '../../errors.js';
import { type Extend, mcpServer } from '../server.js';
import type { Services } from '../services.js';
import type { Served } from './stdio.js';
import { acceptSubscriptions } from './subscriptions.js';
import type { Authenticate } from './tokens.js';

/** Larger than any call there is, smaller than what would hurt. */
const BODY_LIMIT = 256 * 1024;
const PATH = '/mcp';

function answer(
  res: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message } }));
}

/** The tool a request of the 2026 protocol calls, as its headers say (the SDK holds them to the body). */
const toolOf = (request: Request | undefined): string | undefined =>
  request?.headers.get('mcp-method') === 'tools/call'
    ? (request.headers.get('mcp-name') ?? undefined)
    : undefined;

/**
 * Serves any number of clients over Streamable HTTP on the loopback address. Host, Origin and token are checked
 * before anything of a request is read.
 * @param port 0: any that is free
 */
export async function overHttp(
  services: Services,
  port: number,
  authenticate: Authenticate,
  note: (text: string) => void,
  extend?: Extend,
): Promise<Served & { readonly url: string }> {
  const handler = createMcpHandler(
    ({ authInfo, requestInfo }) => {
      if (!authInfo) throw new TunesmithError('internal', 'a request got here without a caller');
      const server = mcpServer(services, authInfo.clientId, { extend, onlyTool: toolOf(requestInfo) });
      acceptSubscriptions(server);
      return server;
    },
    {
      maxRequestBodySize: BODY_LIMIT,
      maxSubscriptions: 64,
      onerror: (error) => note(`mcp: ${error.message}`),
    },
  );
  // The adapter's own idea of a request is looser than Node's types say of theirs.
  const serve = toNodeHandler(handler) as (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  const [hostIsLocal, originIsLocal] = [localhostHostValidation(), localhostOriginValidation()];
  const http = createServer((req, res) => {
    if (!hostIsLocal(req, res) || !originIsLocal(req, res)) return;
    if (new URL(req.url ?? '/', 'http://localhost').pathname !== PATH) return answer(res, 404, `use ${PATH}`);
    const caller = authenticate(req.headers.authorization);
    if (caller === null)
      return answer(res, 401, 'a bearer token of this server is needed', { 'www-authenticate': 'Bearer' });
    // The token itself goes no further.
    const auth = { token: '', clientId: caller, scopes: [] };
    void serve(Object.assign(req, { auth }), res);
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
    changed: (uri) => handler.notify.resourceUpdated(uri),
    close: async () => {
      await handler.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
