import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { parseLimits } from '../../src/models/budget.js';
import { checkModel } from '../../src/models/config.js';
import { connect } from '../../src/models/connect.js';
import { makeBudget, makeModel } from '../../src/models/index.js';
import { jsonSchemaOf } from '../../src/models/json.js';
import { strictSubset } from '../../src/models/subset.js';
import { proposalSchema } from '../../src/synthesis/model/reply.js';
import { ask, GOOD, modelOf, SECRET, schema } from './servers/asked.js';
import { PROTOCOLS } from './servers/protocols.js';
import { type Handler, type Server, send, serve } from './servers/serve.js';

const [gemini, openai] = PROTOCOLS;
let server: Server;
const given = { ...process.env };
let state: string;
beforeEach(() => {
  process.env.GEMINI_API_KEY = SECRET;
  process.env.TEST_MODEL_KEY = SECRET;
  state = mkdtempSync(join(tmpdir(), 'tunesmith-state-'));
  process.env.XDG_STATE_HOME = state;
});
afterEach(async () => {
  process.env = { ...given };
  rmSync(state, { recursive: true });
  await server.close();
});

const formOf = (body: Record<string, unknown>): string =>
  (body.response_format as { type: string } | undefined)?.type ?? 'none';
const systemAndUser = (body: Record<string, unknown>): string => JSON.stringify(body.messages);

describe('a server that does not take the form', () => {
  /** A server that takes these forms alone, and says so with this status and these words. */
  const knowing =
    (forms: readonly string[], status: number, words: string): Handler =>
    (seen, response) =>
      forms.includes(formOf(seen.body))
        ? send(response, 200, openai.reply(GOOD))
        : send(response, status, openai.refusal(status, words));

  it.each([
    ['json_object', 500, "body.response_format.type: Input should be 'text' or 'json_object'", 3],
    ['json_object', 400, 'Unsupported: json_schema', 3],
    ['none', 422, 'response_format: extra inputs are not permitted', 4],
    // Says nothing of what is wrong: it is tried again first.
    ['none', 500, 'Internal Server Error', 5],
  ])(
    'and knows %s only (%i, %s) is asked so, once found out, and that is said',
    async (form, status, words, calls) => {
      server = await serve(knowing([form], status, words));
      const model = modelOf(openai.config(server.url));
      expect((await ask(model)).value?.turn).toBe(7);
      expect(server.seen).toHaveLength(calls);
      expect((await ask(model)).value?.turn).toBe(7);
      expect(server.seen).toHaveLength(calls + 1);
      expect(model.notes).toEqual([
        expect.stringMatching(`did not take the whole JSON Schema \\(${status}\\): asked with `),
      ]);
      // What is not on the wire stands in the prompt.
      expect(systemAndUser(server.seen.at(-1)?.body ?? {})).toContain('\\"maximum\\":100');
      expect(systemAndUser(server.seen[0]?.body ?? {})).not.toContain('maximum');
    },
  );

  it('and one of Google’s', async () => {
    server = await serve((seen, response) => {
      const config = seen.body.generationConfig as Record<string, unknown>;
      if (config.responseJsonSchema === undefined) send(response, 200, gemini.reply(GOOD));
      else send(response, 400, gemini.refusal(400, 'Unknown name "responseJsonSchema"'));
    });
    const model = modelOf(gemini.config(server.url));
    expect((await ask(model)).value?.turn).toBe(7);
    expect(model.notes?.[0]).toContain('asked with JSON without a schema');
    expect(gemini.prompt(server.seen.at(-1) as never)).toContain('"maximum":100');
  });

  it('each attempt is a call of the budget', async () => {
    server = await serve(knowing(['none'], 400, 'response_format'));
    const budget = makeBudget(parseLimits('calls=9'));
    await ask(makeModel(openai.config(server.url), budget));
    expect(budget.spent.calls).toBe(4);
  });

  it('a request that is refused in every form is refused with the first words', async () => {
    server = await serve((_, response, nth) => send(response, 400, openai.refusal(400, `no ${nth}`)));
    await expect(ask(modelOf(openai.config(server.url)))).rejects.toThrow('400: no 0');
    expect(server.seen).toHaveLength(4);
  });

  it('a prompt that is too long is no question of form, nor is a failure once a form was taken', async () => {
    server = await serve((_, response) =>
      send(response, 400, openai.refusal(400, 'maximum context length is 2048 tokens')),
    );
    await expect(ask(modelOf(openai.config(server.url)))).rejects.toThrow('context length');
    expect(server.seen).toHaveLength(1);
    await server.close();
    server = await serve((_, response, nth) =>
      nth === 0
        ? send(response, 200, openai.reply(GOOD))
        : send(response, 400, openai.refusal(400, 'schema')),
    );
    const model = modelOf(openai.config(server.url));
    await ask(model);
    await expect(ask(model)).rejects.toThrow('400: schema');
    expect(server.seen).toHaveLength(2);
    expect(model.notes).toEqual([]);
  });

  it.each(['object', 'none'])(
    'and is configured with structured: %s has the schema in its prompt',
    async (structured) => {
      server = await serve((_, response) => send(response, 200, openai.reply(GOOD)));
      await ask(modelOf(openai.config(server.url, { structured })));
      expect(systemAndUser(server.seen[0]?.body ?? {})).toContain('It has to match this JSON Schema');
    },
  );
});

describe('the plainest schema', () => {
  const allowed = [
    ...['type', 'properties', 'required', 'items', 'anyOf', 'enum', 'description', 'minimum', 'maximum'],
    'additionalProperties',
  ];
  /** Every object node of a schema. */
  function* nodes(node: unknown): Generator<Record<string, unknown>> {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const one = node as Record<string, unknown>;
    yield one;
    for (const inner of Object.values((one.properties as object | undefined) ?? {})) yield* nodes(inner);
    yield* nodes(one.items);
    for (const inner of (one.anyOf as unknown[] | undefined) ?? []) yield* nodes(inner);
  }

  it.each([
    ['a policy’s', jsonSchemaOf(proposalSchema)],
    [
      'one with all there is',
      jsonSchemaOf(
        z.object({
          a: z.string().min(1).max(9).regex(/x/).default('x'),
          b: z.literal('b').optional(),
          c: z.array(z.object({ d: z.number().multipleOf(2).nullable() })).max(3),
        }),
      ),
    ],
  ])('of %s has the words that strict providers take, every field required', (_, full) => {
    const plain = strictSubset(full);
    for (const node of nodes(plain)) {
      expect(allowed).toEqual(expect.arrayContaining(Object.keys(node)));
      if (node.type !== 'object') continue;
      expect(node).toMatchObject({
        additionalProperties: false,
        required: Object.keys(node.properties as object),
      });
    }
    expect(JSON.stringify(plain)).toMatch(/at most \d+ characters/);
  });

  it('goes to providers that are known to be strict; others get the whole one', async () => {
    const bounded = z.object({ words: z.string().max(40) });
    server = await serve((_, response) => send(response, 200, openai.reply('{"words":"x"}')));
    const request = { system: 's', messages: [{ role: 'user' as const, text: 'x' }], schema: bounded };
    await modelOf(openai.config(server.url)).ask(request);
    expect(JSON.stringify(server.seen[0]?.body)).toContain('"maxLength":40');
    await modelOf(gemini.config(server.url))
      .ask(request)
      .catch(() => null);
    const body = JSON.stringify(server.seen[1]?.body);
    expect(body).not.toContain('maxLength');
    expect(body).toContain('at most 40 characters');
  });
});

describe('the limit of a reply', () => {
  const short = (model: ReturnType<typeof modelOf>) =>
    model.ask({ system: 's', messages: [{ role: 'user', text: 'x' }], schema, answerTokens: 1024 });
  const limits = () => server.seen.map(({ body }) => body.max_tokens);
  const cut = (more: object) => ({
    choices: [{ message: { content: '{"ana', ...more }, finish_reason: 'length' }],
  });
  const config = () => openai.config(server.url, { maxOutputTokens: undefined });

  it('is the answer’s where nobody thinks', async () => {
    server = await serve((_, response) => send(response, 200, cut({})));
    const { value, problem } = await short(modelOf(config()));
    expect(value).toBeUndefined();
    expect(problem).toBe('the reply is cut off at the limit of its tokens');
    expect(limits()).toEqual([1024]);
  });

  it.each([
    ['beside the answer', cut({ reasoning_content: 'hm' })],
    ['in the text', cut({ content: '<think>hm' })],
    [
      'as counted',
      {
        ...cut({}),
        usage: {
          prompt_tokens: 9,
          completion_tokens: 1024,
          completion_tokens_details: { reasoning_tokens: 1020 },
        },
      },
    ],
  ])('grows once when a thought (%s) has used it up, and that is said', async (_, first) => {
    server = await serve((_, response, nth) => send(response, 200, nth === 0 ? first : openai.reply(GOOD)));
    const model = modelOf(config());
    expect((await short(model)).value?.turn).toBe(7);
    await short(model);
    expect(limits()).toEqual([1024, 16_384, 16_384]);
    expect(model.notes?.[0]).toContain('thinks: a decision may have 16384 tokens');
    expect(model.account.calls).toBe(3);
  });

  it('is the configured one where there is one', async () => {
    server = await serve((_, response) => send(response, 200, cut({ reasoning_content: 'hm' })));
    await short(modelOf(openai.config(server.url, { maxOutputTokens: 300 })));
    expect(limits()).toEqual([300]);
  });
});

describe('patience', () => {
  it('a connection waits for headers as long as its signal lets it, and no longer', async () => {
    const late = createServer((_, response) => setTimeout(() => response.end('{}'), 1500));
    await new Promise<void>((resolve) => late.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(late.address() as AddressInfo).port}`);
    server = await serve(() => {});
    const response = await connect(url, { signal: AbortSignal.timeout(100_000) });
    expect(response.statusCode).toBe(200);
    // No limit of its own on the socket or the request: fetch has one of 300 s, which this does not go through.
    expect([
      response.socket.timeout ?? 0,
      (response as { req?: { timeout?: number } }).req?.timeout ?? 0,
    ]).toEqual([0, 0]);
    await expect(connect(url, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    late.closeAllConnections();
    late.close();
  });

  it.each(PROTOCOLS)('no request of $name goes through Node’s fetch', async (protocol) => {
    server = await serve((_, response) => send(response, 200, protocol.reply(GOOD)));
    const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('Headers Timeout Error'));
    try {
      expect((await ask(modelOf(protocol.config(server.url)))).value?.turn).toBe(7);
      expect(fetched).not.toHaveBeenCalled();
    } finally {
      fetched.mockRestore();
    }
  });

  it('is lost with a model that was too slow twice: the next call tries once', async () => {
    server = await serve(() => {});
    const model = modelOf(openai.config(server.url, { timeout: '300ms', attempts: 4 }));
    await expect(ask(model)).rejects.toMatchObject({ kind: 'time' });
    expect(server.seen).toHaveLength(2);
    await expect(ask(model)).rejects.toMatchObject({ kind: 'time' });
    expect(server.seen).toHaveLength(3);
  });

  it('has an end: a timer cannot count months', () => {
    server ??= { url: '', seen: [], close: async () => {} };
    const config = { provider: 'openai', model: 'x', timeout: '700h' };
    expect(() => checkModel(config, 'it')).toThrow('longer than a day');
  });
});

describe('the books', () => {
  it.each([10.5, 1e308, -5, '12', null])('stay whole when a provider counts %s tokens', async (count) => {
    server = await serve((_, response) => {
      const choices = [{ message: { content: GOOD } }];
      send(response, 200, { choices, usage: { prompt_tokens: count, completion_tokens: count } });
    });
    const budget = makeBudget(parseLimits('calls=9,tokens/day=1M'));
    const model = makeModel(openai.config(server.url), budget);
    for (let i = 0; i < 3; i++) expect((await ask(model)).value?.turn).toBe(7);
    expect(Number.isSafeInteger(budget.spent.tokens)).toBe(true);
    expect(budget.spent.tokens).toBeLessThan(1000);
  });

  it('that cannot be written are an error that names the file', async () => {
    server = await serve((_, response) => send(response, 200, openai.reply(GOOD)));
    const model = makeModel(openai.config(server.url), makeBudget(parseLimits('calls=9')));
    writeFileSync(
      join(state, 'tunesmith', 'models', 'spent.db'),
      'no database at all, and longer than a header'.repeat(9),
    );
    await expect(ask(model)).rejects.toMatchObject({
      code: 'incapable',
      message: expect.stringContaining('spent.db'),
    });
  });

  it('know no price where there is none, without a call as well', async () => {
    server = await serve((_, response) => send(response, 200, openai.reply(GOOD)));
    const model = modelOf(openai.config(server.url, { model: 'nobody-knows' }));
    expect(model.account).toMatchObject({ calls: 0, usd: null, priceSince: null });
  });
});
