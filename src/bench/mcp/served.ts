import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TunesmithError } from '../../errors.js';

const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** What a request of the 2026 protocol carries. */
export const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

export type Reply = Record<string, unknown>;

/** The built server as a process of its own, with a state directory of its own, spoken to line by line. */
export class Served {
  readonly child: ChildProcessWithoutNullStreams;
  private readonly home = mkdtempSync(join(tmpdir(), 'tunesmith-bench-'));
  private readonly waiting = new Map<unknown, (reply: Reply) => void>();
  private next = 1;
  /** Said on stderr, the last of it. */
  said = '';

  /**
   * @param main the built command line
   * @param more of the server's environment
   */
  constructor(
    rules: string,
    args: readonly string[] = [],
    token?: string,
    main: string = MAIN,
    more: Readonly<Record<string, string>> = {},
  ) {
    const file = join(this.home, 'rules.yaml');
    writeFileSync(file, rules);
    const env = {
      ...process.env,
      ...more,
      XDG_STATE_HOME: this.home,
      ...(token ? { TUNESMITH_MCP_TOKEN: token } : {}),
    };
    this.child = spawn(process.execPath, [main, 'mcp', '--rules', file, ...args], { env });
    this.child.stderr.on('data', (chunk) => {
      this.said = `${this.said}${chunk}`.slice(-4000);
    });
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const reply = JSON.parse(line) as Reply;
      this.waiting.get(reply.id)?.(reply);
      this.waiting.delete(reply.id);
    });
    this.child.on('exit', () => {
      for (const settle of this.waiting.values()) settle({ died: true });
    });
  }

  /** Sends one request and gives its reply. @throws TunesmithError (rejected) when the server died instead */
  async request(method: string, params: unknown): Promise<Reply> {
    const id = this.next++;
    const replied = new Promise<Reply>((resolve) => this.waiting.set(id, resolve));
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const reply = await replied;
    if (reply.died) throw new TunesmithError('rejected', `the server died: ${this.said}`);
    return reply;
  }

  call(name: unknown, args: unknown): Promise<Reply> {
    return this.request('tools/call', { name, arguments: args, _meta: META });
  }

  /** Memory it has, bytes. */
  rss(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  }

  /** CPU time it has used, ms: utime and stime of proc(5), in ticks of 10 ms. */
  cpuMs(): number {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  /** Ends it as a client does, and gives its exit code. */
  async close(): Promise<number | null> {
    const exited = new Promise<number | null>((resolve) =>
      this.child.exitCode === null ? this.child.on('exit', resolve) : resolve(this.child.exitCode),
    );
    this.child.stdin.end();
    this.child.kill('SIGTERM');
    const code = await exited;
    rmSync(this.home, { recursive: true, force: true });
    return code;
  }
}
