import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelError } from '../../src/models/failure.js';
import { ask, GOOD, modelOf, SECRET } from './servers/asked.js';
import { PROTOCOLS } from './servers/protocols.js';
import { type Handler, type Server, send, serve } from './servers/serve.js';

let server: Server;
const given = { ...process.env };

beforeEach(() => {
  process.env.GEMINI_API_KEY = SECRET;
  process.env.TEST_MODEL_KEY = SECRET;
});
afterEach(async () => {
  process.env = { ...given };
  await server.close();
});

async function failure(attempt: Promise<unknown>): Promise<ModelError> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ModelError);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  return error as ModelError;
}

describe.each(PROTOCOLS)('$name over HTTP', (protocol) => {
  it.each([
    ['names keys and says nothing of them', 'request', ''],
    ['refuses the key at its end', 'key', 'is not valid'],
  ])('a refusal of a megabyte that %s is understood at once', async (_, kind, end) => {
    const asked = await model((__, response) => send(response, 400, `${'api key '.repeat(125_000)}${end}`));
    expect((await failure(ask(asked))).kind).toBe(kind);
  });

  const model = async (handler: Handler, more: Record<string, unknown> = {}) => {
    server = await serve(handler);
    return modelOf(protocol.config(server.url, more));
  };
  const replying =
    (text: string): Handler =>
    (_, response) =>
      send(response, 200, protocol.reply(text));

  it('asks with the schema and the key, and reads value, usage, price and name', async () => {
    const asked = await model(replying(GOOD), { temperature: 0.5 });
    const reply = await ask(asked);
    expect(reply).toMatchObject({
      value: { analysis: 'short turns', turn: 7 },
      problem: null,
      model: 'test-model-001',
    });
    expect(reply.usage).toEqual({
      ...{ inputTokens: 100, outputTokens: 20, thoughtTokens: 5, cachedTokens: 0, estimated: false },
    });
    const [seen] = server.seen;
    expect(protocol.key(seen as never)).toBe(SECRET);
    expect(seen?.path).not.toContain(SECRET);
    expect(protocol.prompt(seen as never)).toBe('You tune.\nwhat next?');
    const body = JSON.stringify(seen?.body);
    expect(body).toContain('"maximum":100');
    expect(body).toContain('"temperature":0.5');
    expect(asked.account).toMatchObject({ calls: 1, inputTokens: 100, outputTokens: 20, failures: 0 });
    // Paper, appendix B.4: $0.30 and $2.50 a million.
    expect(reply.usd).toBeCloseTo((100 * 0.3 + 20 * 2.5) / 1e6, 12);
    expect(asked.account.priceSince).toBe('2025-08-14');
  });

  it.each([429, 500, 503])('tries again after a %i', async (status) => {
    const asked = await model((_, response, nth) =>
      nth < 2
        ? send(response, status, protocol.refusal(status, 'busy'), { 'retry-after': '0' })
        : send(response, 200, protocol.reply(GOOD)),
    );
    expect((await ask(asked)).value?.turn).toBe(7);
    expect(server.seen).toHaveLength(3);
  });

  it('waits as long as Retry-After says', async () => {
    let refused = 0;
    const asked = await model((_, response, nth) => {
      if (nth > 0) return send(response, 200, protocol.reply(GOOD));
      refused = performance.now();
      return send(response, 429, protocol.refusal(429, 'busy'), { 'retry-after': '1' });
    });
    const reply = await ask(asked);
    expect(performance.now() - refused).toBeGreaterThanOrEqual(990);
    expect(reply.latencyMs).toBeGreaterThanOrEqual(990);
  });

  it('gives up when Retry-After is longer than a pause may be, and after the last attempt', async () => {
    const long = await model((_, response) =>
      send(response, 429, protocol.refusal(429, 'quota'), { 'retry-after': '3600' }),
    );
    expect(await failure(ask(long))).toMatchObject({
      kind: 'rate',
      message: expect.stringContaining('429: quota'),
    });
    expect(server.seen).toHaveLength(1);
    await server.close();
    const down = await model((_, response) => send(response, 503, protocol.refusal(503, 'overloaded')));
    expect((await failure(ask(down))).kind).toBe('server');
    expect(server.seen).toHaveLength(3);
    expect(down.account).toMatchObject({ calls: 0, failures: 1 });
  });

  it('says which key was refused and does not repeat it', async () => {
    const asked = await model((_, response) =>
      send(response, 401, protocol.refusal(401, `the key ${SECRET} is wrong`)),
    );
    const error = await failure(ask(asked));
    expect(error).toMatchObject({ kind: 'key', code: 'incapable' });
    expect(error.message).toContain('[redacted]');
    expect(error.hint).toContain('--tuner expert');
    expect(server.seen).toHaveLength(1);
  });

  it('knows an unknown model and a refused request', async () => {
    const unknown = await model((_, response) => send(response, 404, protocol.refusal(404, 'no such model')));
    expect(await failure(ask(unknown))).toMatchObject({ kind: 'model', code: 'usage' });
    await server.close();
    const refused = await model((_, response) => send(response, 400, protocol.refusal(400, 'bad schema')));
    expect((await failure(ask(refused))).message).toContain('400: bad schema');
  });

  it('ends a slow attempt, and a call that is stopped', async () => {
    const slow = await model(() => {}, { timeout: '100ms', attempts: 2 });
    expect(await failure(ask(slow))).toMatchObject({
      kind: 'time',
      message: expect.stringContaining('0.1 s'),
    });
    expect(server.seen).toHaveLength(2);
    await server.close();
    const stop = new AbortController();
    const stopped = await model(() => stop.abort());
    expect((await failure(ask(stopped, 'x', stop.signal))).kind).toBe('stopped');
  });

  it('tries again when the reply is cut off, and when nobody listens', async () => {
    const cut = await model((_, response, nth) => {
      if (nth > 0) return send(response, 200, protocol.reply(GOOD));
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"cand');
      setImmediate(() => response.destroy());
    });
    expect((await ask(cut)).value?.turn).toBe(7);
    await server.close();
    expect((await failure(ask(cut))).kind).toBe('network');
  });

  it('refuses a reply of 10 MB without reading it all', async () => {
    let written = 0;
    const asked = await model((_, response) => {
      const block = Buffer.alloc(1 << 16, ' ');
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => {
        while (written < 10 << 20 && !response.destroyed) {
          written += block.length;
          if (!response.write(block)) return void response.once('drain', more);
        }
        response.end('{}');
      };
      more();
    });
    expect(await failure(ask(asked))).toMatchObject({
      kind: 'reply',
      message: expect.stringContaining('longer than'),
    });
    expect(written).toBeLessThan(10 << 20);
  });

  it('refuses what is no reply of the protocol', async () => {
    const page = await model((_, response) => send(response, 200, '<html>hello</html>'));
    expect((await failure(ask(page))).message).toContain('not JSON');
    await server.close();
    const empty = await model((_, response) => send(response, 200, {}));
    expect((await failure(ask(empty))).kind).toBe('reply');
  });

  it.each([
    ['NaN', '{"analysis":"x","turn":NaN}', 'turn: Invalid input: expected number, received NaN'],
    ['infinity', '{"analysis":"x","turn":1e999}', 'turn: '],
    ['prose', 'I would rather not', 'no JSON object'],
    ['a value out of range', '{"analysis":"x","turn":101}', 'turn: '],
    ['a missing field', '{"analysis":"x"}', 'turn: '],
    ['half an object', '{"analysis":"x","turn', 'cut off: its JSON object does not end'],
    ['half a number', '{"analysis":"x","turn":1', 'cut off: its JSON object does not end'],
    ['nothing', '', 'no JSON object'],
  ])('says what is wrong with %s, and counts it', async (_, text, why) => {
    const asked = await model(replying(text));
    const reply = await ask(asked);
    expect(reply.value).toBeUndefined();
    expect(reply.problem).toContain(why);
    expect(asked.account).toMatchObject({ calls: 1, inputTokens: 100 });
  });

  it('takes JSON out of a fence', async () => {
    const asked = await model(replying(`Here it is:\n\`\`\`json\n${GOOD}\n\`\`\``));
    expect((await ask(asked)).value?.turn).toBe(7);
  });
});

it('a redirect is not followed: the key would go along', async () => {
  const elsewhere = await serve((_, response) => send(response, 200, {}));
  server = await serve((_, response) => send(response, 307, '', { location: `${elsewhere.url}/v1` }));
  for (const protocol of PROTOCOLS) {
    const error = await failure(ask(modelOf(protocol.config(server.url))));
    expect(error).toMatchObject({
      kind: 'request',
      message: expect.stringContaining(`307: a redirect to ${elsewhere.url}`),
    });
  }
  expect(server.seen).toHaveLength(PROTOCOLS.length);
  expect(elsewhere.seen).toEqual([]);
  await elsewhere.close();
});
