import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tunesmith } from '../cli/cli.js';
import { ALLOW_ALL, call, ERAS, type HttpServed, httpClient, httpServer, makeHome } from './served.js';

const TOKEN = 'a-token-that-is-long-enough';
const OTHER = 'another-token-that-is-long';
const home = makeHome();
let server: HttpServed;

const RULES = `version: 1
callers: { "agent:writer": { roles: [writer] } }
rules:
  - { name: look, tools: [os.scheduler.get_params, resource.settings], decide: allow }
  - { name: write, tools: ["os.**"], roles: [writer], decide: allow }
`;

beforeAll(async () => {
  const rules = home.file('rules.yaml', RULES);
  const file = home.file('tokens', `# who\nagent:writer ${TOKEN}\nagent:reader ${OTHER}\n`);
  server = await httpServer(home, ['--rules', rules, '--token-file', file]);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  home.remove();
});

/** One raw request; the headers are exactly these. */
const raw = (headers: Record<string, string>, { path = '/mcp', method = 'POST', body = '{}' } = {}) =>
  new Promise<{ status: number; body: string; headers: Record<string, unknown> }>((resolve, reject) => {
    const asked = request(new URL(path, server.url), { method, headers }, (res) => {
      let text = '';
      res.on('data', (chunk) => {
        text += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body: text, headers: res.headers }));
    });
    asked.on('error', reject).end(body);
  });
const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const AUTH = { authorization: `Bearer ${TOKEN}` };

describe.each(ERAS)('over HTTP, protocol $era', ({ era, mode }) => {
  it('serves callers by their tokens, and the rules tell them apart', async () => {
    const [writer, reader] = await Promise.all([
      httpClient(server.url, TOKEN, mode),
      httpClient(server.url, OTHER, mode),
    ]);
    expect(writer.getNegotiatedProtocolVersion()).toBe(era);
    expect((await call(writer, 'os.scheduler.describe')).error).toBe(undefined);
    expect((await call(reader, 'os.scheduler.get_params')).error).toBe(undefined);
    expect((await call(reader, 'os.scheduler.describe')).error).toMatchObject({
      code: 'denied',
      rule: 'default deny',
      message: expect.stringContaining('agent:reader'),
    });
    expect((await reader.readResource({ uri: 'settings://scheduler/current' })).contents).toHaveLength(1);
    await expect(reader.readResource({ uri: 'changes://recent' })).rejects.toThrow(/default deny/);
    await expect(writer.callTool({ name: 'nope', arguments: {} })).rejects.toThrow(/nope/);
    await Promise.all([writer.close(), reader.close()]);
  });
});

it.each([
  ['no token', {}, 401],
  ['a wrong token', { authorization: 'Bearer nothing-of-the-kind-here' }, 401],
  ['another scheme', { authorization: `Basic ${TOKEN}` }, 401],
  ['a token with more', { authorization: `Bearer ${TOKEN} x` }, 401],
  ['a foreign origin', { ...AUTH, origin: 'http://evil.example' }, 403],
  ['a foreign host', { ...AUTH, host: 'evil.example' }, 403],
  ['a host that begins well', { ...AUTH, host: 'localhost.evil.example' }, 403],
])('refuses %s', async (_, headers, status) => {
  const done = await raw({ ...JSON_HEADERS, ...headers });
  expect(done.status).toBe(status);
  expect(done.body).not.toContain(TOKEN);
});

it('refuses another path, another type and too much', async () => {
  expect((await raw({ ...JSON_HEADERS, ...AUTH }, { path: '/other' })).status).toBe(404);
  expect((await raw({ ...JSON_HEADERS, ...AUTH, 'content-type': 'text/plain' })).status).toBe(415);
  const large = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { x: 'x'.repeat(300_000) } });
  expect((await raw({ ...JSON_HEADERS, ...AUTH }, { body: large })).status).toBe(413);
  expect((await raw({ ...JSON_HEADERS, ...AUTH }, { body: '{' })).status).toBe(400);
});

it('makes a token of its own, for its owner only', async () => {
  const own = makeHome();
  const served = await httpServer(own, ['--rules', own.file('rules.yaml', ALLOW_ALL)]);
  const path = join(own.dir, 'tunesmith/mcp.token');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const client = await httpClient(served.url, readFileSync(path, 'utf8').trim(), 'auto');
  expect((await call(client, 'os.scheduler.get_params')).error).toBe(undefined);
  await client.close();
  expect(await served.stop()).toBe(0);
  own.remove();
});

it('takes no token file that others can read, and no short token', async () => {
  const own = makeHome();
  const path = own.file('tokens', `${TOKEN}\n`);
  const { chmodSync } = await import('node:fs');
  chmodSync(path, 0o644);
  const open = await tunesmith('mcp', '--http', '0', '--token-file', path);
  expect(open).toMatchObject({ code: 3, stderr: expect.stringContaining('may be read by others') });
  const short = await tunesmith('mcp', '--http', '0', '--token-file', own.file('short', 'agent:a short\n'));
  expect(short).toMatchObject({ code: 2, stderr: expect.stringContaining('line 1') });
  own.remove();
});
