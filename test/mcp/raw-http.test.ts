/** The HTTP door, byte by byte: what no client sends, and what a hostile one would. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALLOW_ALL, type HttpServed, httpServer, makeHome } from './served.js';

const TOKEN = 'a-token-that-is-long-enough';
const OTHER = 'another-token-that-is-long';
const home = makeHome();
let server: HttpServed;
let port: number;

beforeAll(async () => {
  const rules = home.file('rules.yaml', ALLOW_ALL);
  const tokens = home.file('tokens', `agent:one ${TOKEN}\nagent:two ${OTHER}\n`);
  server = await httpServer(home, ['--rules', rules, '--token-file', tokens]);
  port = Number(new URL(server.url).port);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  home.remove();
});

interface Heard {
  readonly status: number;
  readonly text: string;
  /** The server ended the connection. */
  readonly ended: boolean;
}

/** A whole answer, after which the connection goes on. */
const isWhole = (text: string): boolean => {
  const [head = '', body] = text.split('\r\n\r\n', 2);
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? Number.NaN);
  return body !== undefined && Buffer.byteLength(body) === length && !/^connection: close$/im.test(head);
};

/** Sends exactly these bytes and hears what comes back: a whole answer, all until the server ends it, or for `ms`. */
const exchange = (bytes: string, ms = 1500): Promise<Heard> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    let ended = false;
    const done = (): void => {
      socket.destroy();
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text, ended });
    };
    socket.on('data', (chunk) => {
      text += chunk;
      if (isWhole(text)) done();
    });
    socket.on('end', () => {
      ended = true;
      done();
    });
    socket.on('error', () => {
      ended = true;
      done();
    });
    setTimeout(done, ms);
  });

const AUTH = `Authorization: Bearer ${TOKEN}\r\n`;
const JSON_TYPE = 'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n';
const HOST = 'Host: 127.0.0.1\r\n';
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const post = (body: string, { host = HOST, auth = AUTH, more = '', target = '/mcp' } = {}): string =>
  `POST ${target} HTTP/1.1\r\n${host}${auth}${JSON_TYPE}${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

it.each([
  ['two Host headers', post(PING, { host: `${HOST}Host: evil.example\r\n` }), 400],
  ['the same Host twice', post(PING, { host: HOST + HOST }), 400],
  ['no Host', post(PING, { host: '' }), 400],
  ['two tokens', post(PING, { auth: AUTH + AUTH }), 400],
  ['two session ids', post(PING, { more: 'Mcp-Session-Id: a\r\nMcp-Session-Id: b\r\n' }), 400],
  ['a foreign absolute target', post(PING, { target: 'http://evil.example/mcp' }), 403],
  ['an absolute target that is ours', post(PING, { target: 'http://localhost/other' }), 404],
  ['a target of no kind', post(PING, { target: 'mcp' }), 400],
  ['Origin null', post(PING, { more: 'Origin: null\r\n' }), 403],
  ['two Origins', post(PING, { more: 'Origin: http://localhost\r\nOrigin: http://evil.example\r\n' }), 400],
  ['a local Origin', post(PING, { more: 'Origin: http://localhost:1234\r\n' }), 400],
  ['two lengths', post(PING, { more: 'Content-Length: 5\r\n' }), 400],
  ['a length and chunks', post(PING, { more: 'Transfer-Encoding: chunked\r\n' }), 400],
  ['a doubtful encoding', post(PING, { more: 'Transfer-Encoding: xchunked\r\n' }), 400],
  ['a negative length', `POST /mcp HTTP/1.1\r\n${HOST}${AUTH}${JSON_TYPE}Content-Length: -1\r\n\r\n`, 400],
  ['null', post('null'), 400],
  ['a number', post('1'), 400],
  ['a string', post('"x"'), 400],
  ['no JSON', post('{'), 400],
  ['nothing', post(''), 400],
  ['an empty batch', post('[]'), 400],
  ['a call without a session', post(PING), 400],
  ['a header line without a name', `POST /mcp HTTP/1.1\r\n${HOST}${AUTH}: x\r\n\r\n`, 400],
  ['headers without end', `POST /mcp HTTP/1.1\r\n${HOST}X: ${'x'.repeat(100_000)}\r\n\r\n`, 431],
])('%s is refused', async (_, bytes, status) => {
  const heard = await exchange(bytes);
  expect(heard.status, heard.text).toBe(status);
  expect(heard.text).not.toContain(TOKEN);
});

const nested = (open: string, depth: number, deepest: string, close: string): string =>
  `${open.repeat(depth)}${deepest}${close.repeat(depth)}`;

it.each([
  [
    'a call without a session',
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${nested('{"a":', 40_000, '1', '}')}}`,
  ],
  [
    'an initialization',
    `{"jsonrpc":"2.0","id":1,"method":"initialize","params":${nested('{"a":', 40_000, '1', '}')}}`,
  ],
  ['an answer', `{"jsonrpc":"2.0","id":1,"result":${nested('[', 100_000, '', ']')}}`],
  ['a batch in batches', nested('[', 100_000, PING, ']')],
  ['a batch of nothing', '[]'],
])('%s is answered however deep it is, and serving goes on', async (_, body) => {
  // A request that nobody answers would keep its connection for ever.
  expect((await exchange(post(body), 120_000)).status).toBe(400);
  expect((await exchange(post(PING), 120_000)).status).toBe(400);
});

it('null is an invalid request, and no JSON a parse error', async () => {
  expect((await exchange(post('null'))).text).toContain('"code":-32600');
  expect((await exchange(post('{'))).text).toContain('"code":-32700');
});

it.each(['TRACE', 'OPTIONS', 'PUT', 'PATCH', 'HEAD', 'CONNECT'])(
  '%s is 405, and Allow says what is taken',
  async (method) => {
    const target = method === 'CONNECT' ? 'evil.example:443' : '/mcp';
    const heard = await exchange(`${method} ${target} HTTP/1.1\r\n${HOST}${AUTH}\r\n`);
    expect(heard.status).toBe(405);
    expect(heard.text.toLowerCase()).toContain('allow: get, post, delete');
  },
);

it('an unknown method is refused', async () => {
  expect((await exchange(`STEAL /mcp HTTP/1.1\r\n${HOST}${AUTH}\r\n`)).status).toBeGreaterThanOrEqual(400);
});

it('a smuggled second request is never taken for one', async () => {
  const inner = `GET /secret HTTP/1.1\r\n${HOST}\r\n`;
  const chunked = `POST /mcp HTTP/1.1\r\n${HOST}${AUTH}${JSON_TYPE}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${inner}`;
  const heard = await exchange(chunked);
  expect(heard).toMatchObject({ status: 400, ended: true });
  expect(heard.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
});

it.each([
  ['a length that says so', `Content-Length: ${64 * 1024 * 1024}\r\n\r\n`],
  ['chunks without end', 'Transfer-Encoding: chunked\r\n\r\n'],
])('reads no further than its limit: %s', async (_, head) => {
  const chunk = `${(0x10000).toString(16)}\r\n${' '.repeat(0x10000)}\r\n`;
  const sent = await new Promise<{ bytes: number; text: string }>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`POST /mcp HTTP/1.1\r\n${HOST}${AUTH}${JSON_TYPE}${head}`);
      const more = (): void => {
        if (!socket.destroyed && socket.bytesWritten < 64 * 1024 * 1024) socket.write(chunk, more);
      };
      more();
    });
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
    socket.on('close', () => resolve({ bytes: socket.bytesWritten, text }));
  });
  expect(sent.text).toMatch(/^HTTP\/1\.1 413 /);
  expect(sent.text.toLowerCase()).toContain('connection: close');
  // What the systems on both sides buffer is gone, and no more.
  expect(sent.bytes).toBeLessThan(32 * 1024 * 1024);
});

it('ends a client that sends its headers drop by drop', async () => {
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
  socket.write(`POST /mcp HTTP/1.1\r\n${HOST}`);
  const drip = setInterval(() => socket.write('X: y\r\n'), 500);
  expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
  clearInterval(drip);
});

describe('sessions', () => {
  const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const ask = (token: string, message: object, headers: Record<string, string> = {}) =>
    fetch(server.url, {
      method: 'POST',
      headers: { ...HEADERS, authorization: `Bearer ${token}`, ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    });
  const initialize = async (token: string): Promise<{ status: number; id: string }> => {
    const clientInfo = { name: 'raw', version: '1' };
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
    const response = await ask(token, { id: 1, method: 'initialize', params });
    await response.text();
    return { status: response.status, id: response.headers.get('mcp-session-id') ?? '' };
  };
  const ping = async (token: string, id: string): Promise<number> => {
    const response = await ask(token, { id: 2, method: 'ping' }, { 'mcp-session-id': id });
    await response.text();
    return response.status;
  };

  it('are unknown with 404, to their id with another token too, and after their end', async () => {
    const { id } = await initialize(TOKEN);
    expect(await ping(TOKEN, id)).toBe(200);
    expect(await ping(OTHER, id)).toBe(404);
    expect(await ping(TOKEN, '00000000-0000-4000-8000-000000000000')).toBe(404);
    const gone = await fetch(server.url, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${OTHER}`, 'mcp-session-id': id },
    });
    expect(gone.status).toBe(404);
    expect(await ping(TOKEN, id)).toBe(200);
    const ended = await fetch(server.url, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${TOKEN}`, 'mcp-session-id': id },
    });
    expect(ended.status).toBe(200);
    expect(await ping(TOKEN, id)).toBe(404);
  });

  it('of one caller end none of another’s, nor one of its own that is listened to', async () => {
    const other = await initialize(OTHER);
    const listening = await initialize(TOKEN);
    const stop = new AbortController();
    const stream = await fetch(server.url, {
      headers: {
        ...HEADERS,
        accept: 'text/event-stream',
        authorization: `Bearer ${TOKEN}`,
        'mcp-session-id': listening.id,
      },
      signal: stop.signal,
    });
    expect(stream.status).toBe(200);
    for (let i = 0; i < 400; i++) expect((await initialize(TOKEN)).status).toBe(200);
    expect(await ping(OTHER, other.id)).toBe(200);
    expect(await ping(TOKEN, listening.id)).toBe(200);
    stop.abort();
  });

  it('that are all in use are not ended for one more', async () => {
    const stop = new AbortController();
    const open = [];
    for (let i = 0; i < 40; i++) {
      const { status, id } = await initialize(TOKEN);
      if (status !== 200) {
        expect(status).toBe(429);
        continue;
      }
      open.push(id);
      const headers = { accept: 'text/event-stream', authorization: `Bearer ${TOKEN}`, 'mcp-session-id': id };
      await fetch(server.url, { headers, signal: stop.signal });
    }
    expect(open.length).toBeLessThanOrEqual(32);
    expect(await Promise.all(open.map((id) => ping(TOKEN, id)))).toEqual(open.map(() => 200));
    expect((await initialize(OTHER)).status).toBe(200);
    stop.abort();
    await sleep(200);
    expect((await initialize(TOKEN)).status).toBe(200);
  });
});
