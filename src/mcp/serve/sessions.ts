import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import type { McpServer } from '@modelcontextprotocol/server';
import { answer, CODE } from './refuse.js';
import { acceptSubscriptions } from './subscriptions.js';

interface Session {
  readonly caller: string;
  readonly server: McpServer;
  readonly transport: NodeStreamableHTTPServerTransport;
  readonly wanted: ReadonlySet<string>;
  /** Requests that are being answered, streams that are listened to among them. */
  open: number;
  usedAt: number;
}

export interface SessionLimits {
  /** Sessions of one caller. A program that starts a session a run ends its own oldest idle one. */
  readonly ofCaller: number;
  /** Sessions of all callers. */
  readonly ofAll: number;
  /** A session that nobody used and listened to for so long is ended; ms. */
  readonly idleMs: number;
}

const LIMITS: SessionLimits = { ofCaller: 32, ofAll: 512, idleMs: 30 * 60_000 };

/** Whether a message, or one of a batch, opens a session. A batch holds no batches. */
const opens = (body: unknown): boolean => (Array.isArray(body) ? body : [body]).some(isOpening);

const isOpening = (message: unknown): boolean =>
  typeof message === 'object' &&
  message !== null &&
  (message as { method?: unknown }).method === 'initialize';

/**
 * Clients of the 2025 protocol over HTTP: a session lets the server ask its client (approvals) and tell it of changes.
 * A session is its caller's: its id with another's token is no session, and no caller can end another's.
 */
export class Sessions {
  private readonly sessions = new Map<string, Session>();

  /** @param make a server for a caller */
  constructor(
    private readonly make: (caller: string) => McpServer,
    private readonly limits: SessionLimits = LIMITS,
  ) {}

  async handle(req: IncomingMessage, res: ServerResponse, body: unknown, caller: string): Promise<void> {
    const id = req.headers['mcp-session-id'];
    if (id !== undefined) {
      const session = this.sessions.get(String(id));
      // So the client initializes anew: a restart, or too long a pause.
      if (session?.caller !== caller)
        return answer(res, 404, 'there is no such session (any more): initialize again', {}, CODE.noSession);
      return this.within(session, res, () => session.transport.handleRequest(req, res, body));
    }
    if (!opens(body)) return answer(res, 400, 'a session id is needed: initialize first', {}, CODE.server);
    if (!this.makeRoom(caller))
      return answer(
        res,
        429,
        `${caller} has ${this.limits.ofCaller} sessions in use, or this server is full`,
        {
          'retry-after': '10',
        },
      );
    const { transport } = await this.open(caller);
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

  /** A session is in use while an answer of it is open. */
  private async within(session: Session, res: ServerResponse, work: () => Promise<void>): Promise<void> {
    session.open++;
    session.usedAt = performance.now();
    res.once('close', () => {
      session.open--;
      session.usedAt = performance.now();
    });
    await work();
  }

  private async open(caller: string): Promise<Session> {
    const server = this.make(caller);
    const wanted = acceptSubscriptions(server);
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        this.sessions.set(id, session);
      },
      onsessionclosed: (id) => {
        this.sessions.delete(id);
      },
    });
    const session: Session = { caller, server, transport, wanted, open: 0, usedAt: performance.now() };
    await server.connect(transport);
    return session;
  }

  /** Ends idle sessions, of this caller also the least recently used one where it has too many. */
  private makeRoom(caller: string): boolean {
    const { ofCaller, ofAll, idleMs } = this.limits;
    const unused = [...this.sessions]
      .filter(([, { open }]) => open === 0)
      .sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [id, { usedAt }] of unused) if (performance.now() - usedAt > idleMs) this.end(id);
    const own = () => [...this.sessions.values()].filter((session) => session.caller === caller).length;
    if (own() >= ofCaller) {
      const oldest = unused.find(([id, session]) => session.caller === caller && this.sessions.has(id));
      if (oldest) this.end(oldest[0]);
    }
    return own() < ofCaller && this.sessions.size < ofAll;
  }

  private end(id: string): void {
    const session = this.sessions.get(id);
    this.sessions.delete(id);
    session?.server.close().catch(() => {});
  }
}
