import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import type { McpServer } from '@modelcontextprotocol/server';
import { acceptSubscriptions } from './subscriptions.js';

interface Session {
  readonly caller: string;
  readonly server: McpServer;
  readonly transport: NodeStreamableHTTPServerTransport;
  readonly wanted: ReadonlySet<string>;
  usedAt: number;
}

const LIMIT = 64;
const IDLE_MS = 30 * 60_000;

/**
 * Clients of the 2025 protocol over HTTP: a session lets the server ask its client (approvals) and tell it of changes.
 * A session is its caller's: its id with another's token is no session.
 */
export class Sessions {
  private readonly sessions = new Map<string, Session>();

  /** @param make a server for a caller */
  constructor(private readonly make: (caller: string) => McpServer) {}

  async handle(req: IncomingMessage, res: ServerResponse, body: unknown, caller: string): Promise<void> {
    const id = req.headers['mcp-session-id'];
    const known = typeof id === 'string' ? this.sessions.get(id) : undefined;
    const session = known?.caller === caller ? known : undefined;
    if (session) {
      session.usedAt = performance.now();
      return session.transport.handleRequest(req, res, body);
    }
    // Without a session, or with none of ours, the transport itself says what is wrong.
    const transport = await this.open(caller);
    return transport.handleRequest(req, res, body);
  }

  changed(uri: string): void {
    for (const { server, wanted } of this.sessions.values())
      if (wanted.has(uri)) server.server.sendResourceUpdated({ uri }).catch(() => {});
  }

  async close(): Promise<void> {
    await Promise.all([...this.sessions.values()].map(({ server }) => server.close()));
    this.sessions.clear();
  }

  private async open(caller: string): Promise<NodeStreamableHTTPServerTransport> {
    this.makeRoom();
    const server = this.make(caller);
    const wanted = acceptSubscriptions(server);
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        this.sessions.set(id, { caller, server, transport, wanted, usedAt: performance.now() });
      },
      onsessionclosed: (id) => {
        this.sessions.delete(id);
      },
    });
    await server.connect(transport);
    return transport;
  }

  /** Ends sessions nobody has used for long, and the least recently used one when there are too many. */
  private makeRoom(): void {
    const oldest = [...this.sessions].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    const idle = oldest.filter(([, { usedAt }]) => performance.now() - usedAt > IDLE_MS);
    for (const [id, { server }] of idle.length > 0
      ? idle
      : oldest.slice(0, this.sessions.size >= LIMIT ? 1 : 0)) {
      this.sessions.delete(id);
      server.close().catch(() => {});
    }
  }
}
