/** The real server in a process of its own, with a state directory of its own, and the official client. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { MAIN } from '../cli/cli.js';

// Each test starts servers of its own, and the machine may be busy.

export const ERAS = [
  { era: '2026-07-28', mode: 'auto' },
  { era: '2025-11-25', mode: 'legacy' },
] as const;
export type Mode = (typeof ERAS)[number]['mode'];

export interface Home {
  readonly dir: string;
  readonly env: Record<string, string>;
  /** Writes a file of mode 0600 there and returns its path. */
  file(name: string, text: string): string;
  remove(): void;
}

export function makeHome(): Home {
  const dir = mkdtempSync(join(tmpdir(), 'tunesmith-mcp-'));
  return {
    dir,
    env: { ...(process.env as Record<string, string>), XDG_STATE_HOME: dir },
    file: (name, text) => {
      const path = join(dir, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

export const ALLOW_ALL = 'version: 1\nrules: [{ name: all, tools: ["**"], decide: allow }]\n';

const clientOf = (mode: Mode, options: ClientOptions = {}): Client =>
  new Client({ name: 'test', version: '1' }, { ...options, versionNegotiation: { mode } });

/** A client on standard input and output of a server of its own. */
export async function stdioClient(
  home: Home,
  args: readonly string[],
  mode: Mode,
  prepare: { options?: ClientOptions; with?: (client: Client) => void } = {},
): Promise<Client> {
  const client = clientOf(mode, prepare.options);
  prepare.with?.(client);
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [MAIN, 'mcp', ...args],
    env: home.env,
    stderr: 'ignore',
  });
  await client.connect(transport);
  return client;
}

export interface HttpServed {
  readonly url: string;
  readonly child: ChildProcess;
  /** Ends it with SIGTERM and gives its exit code. */
  stop(): Promise<number | null>;
}

/** A server on a free port. */
export async function httpServer(home: Home, args: readonly string[] = [], env = {}): Promise<HttpServed> {
  const child = spawn(process.execPath, [MAIN, 'mcp', '--http', '0', ...args], {
    env: { ...home.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
      const found = /http:\/\/\S+\/mcp/.exec(said);
      if (found) resolve(found[0]);
    });
    void exited.then((code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  const stop = () => {
    child.kill('SIGTERM');
    return exited;
  };
  return { url, child, stop };
}

export async function httpClient(url: string, token: string, mode: Mode): Promise<Client> {
  const client = clientOf(mode);
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

export interface Failed {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly rule?: string;
  readonly allowed?: string;
  readonly next: string;
  readonly approval_id?: string;
}

/** A call's structured content, or its failure. */
export async function call(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
): Promise<{ content: Record<string, unknown>; error: Failed | undefined }> {
  const { structuredContent = {}, isError } = await client.callTool({ name, arguments: args });
  const content = structuredContent as Record<string, unknown>;
  return { content, error: isError ? (content.error as Failed) : undefined };
}
