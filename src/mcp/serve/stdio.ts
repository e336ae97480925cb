import type { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { type Extend, mcpServer } from '../server.js';
import type { Services } from '../services.js';
import { StdioTransport } from './stdio-transport.js';
import { acceptSubscriptions } from './subscriptions.js';

/** A server that is being served. */
export interface Served {
  /** Tells clients that want to know that a resource has changed. */
  readonly changed: (uri: string) => void;
  readonly close: () => Promise<void>;
}

/** Serves one client on standard input and output. */
export function overStdio(
  services: Services,
  caller: string,
  note: (text: string) => void,
  extend?: Extend,
): Served {
  let pinned: McpServer | undefined;
  let tells: (uri: string) => boolean = () => false;
  const handle = serveStdio(
    ({ era }) => {
      pinned = mcpServer(services, caller, { extend });
      const wanted = acceptSubscriptions(pinned);
      tells = (uri) => era === 'modern' || wanted.has(uri);
      return pinned;
    },
    { transport: new StdioTransport(), onerror: (error) => note(`mcp: ${error.message}`) },
  );
  return {
    changed: (uri) => {
      if (tells(uri)) pinned?.server.sendResourceUpdated({ uri }).catch(() => {});
    },
    close: () => handle.close(),
  };
}
