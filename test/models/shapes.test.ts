import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, GOOD, modelOf, SECRET } from './servers/asked.js';
import { PROTOCOLS } from './servers/protocols.js';
import { type Server, send, serve } from './servers/serve.js';

const [gemini, openai] = PROTOCOLS;
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

/** What comes of a body, to one question. */
async function heard(protocol: (typeof PROTOCOLS)[number], body: unknown, headers = {}) {
  server = await serve((_, response) => {
    if (Buffer.isBuffer(body)) response.writeHead(200, headers).end(body);
    else send(response, 200, body, headers);
  });
  const model = modelOf(protocol.config(server.url, { attempts: 1 }));
  return ask(model).then(
    ({ value, problem, usage }) => ({ turn: value?.turn, problem, usage, model }),
    (error: Error) => ({ turn: undefined, problem: error.message, usage: undefined, model }),
  );
}

const message = (said: object, more: object = {}) => ({
  choices: [{ message: said, finish_reason: 'stop', ...more }],
});
const call = (args: unknown) => ({ type: 'function', function: { name: 'decision', arguments: args } });
const thinking = { type: 'thinking', thinking: [{ type: 'text', text: '{"analysis":"x","turn":9}' }] };
const pieces = (texts: readonly string[]) =>
  texts.map((content) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\r\n\r\n`).join('');

describe('a chat completion', () => {
  it.each([
    ['with its content in parts', message({ content: [thinking, { type: 'text', text: GOOD }] })],
    [
      'with its answer in two parts',
      message({
        content: [
          { type: 'text', text: GOOD.slice(0, 9) },
          { type: 'output_text', text: GOOD.slice(9) },
        ],
      }),
    ],
    ['with reasoning beside it', message({ content: GOOD, reasoning_content: '{"analysis":"x","turn":9}' })],
    [
      'with nulls all over',
      {
        ...message({ content: GOOD, refusal: null, tool_calls: null }),
        error: null,
        usage: null,
        model: null,
      },
    ],
    [
      'with a call in place of content',
      message({ content: null, tool_calls: [call(GOOD)] }, { finish_reason: 'tool_calls' }),
    ],
    [
      'with a call whose arguments are an object',
      message({ content: '', tool_calls: [call(JSON.parse(GOOD))] }),
    ],
    [
      'with a function call of old',
      message({ content: null, function_call: { name: 'f', arguments: GOOD } }),
    ],
    ['that was cut off behind the answer', message({ content: `${GOOD}\nNow` }, { finish_reason: 'length' })],
    ['in pieces that nobody asked for', `${pieces([GOOD.slice(0, 5), GOOD.slice(5)])}data: [DONE]\n\n`],
    ['in UTF-16', Buffer.from(`\uFEFF${JSON.stringify(message({ content: GOOD }))}`, 'utf16le')],
    ['with a byte order mark', Buffer.from(`\uFEFF${JSON.stringify(message({ content: GOOD }))}`)],
  ])('%s is understood', async (_, body) => {
    expect(await heard(openai, body)).toMatchObject({ turn: 7, problem: null });
  });

  it.each([
    ['a refusal', message({ content: null, refusal: 'I will not.' }), 'the model refused: I will not.'],
    [
      'a refusal in a part',
      message({ content: [{ type: 'refusal', refusal: 'No.' }] }),
      'the model refused: No.',
    ],
    [
      'a filter',
      message({ content: '' }, { finish_reason: 'content_filter' }),
      'the provider kept the reply back (content_filter)',
    ],
    [
      'a call that is no answer',
      message({ content: null, tool_calls: [call('{"city":"Ulm"}')] }),
      'called a tool, "decision"',
    ],
    ['two calls', message({ content: null, tool_calls: [call(GOOD), call(GOOD)] }), '"decision" and 1 more'],
    [
      'a limit',
      message({ content: GOOD.slice(0, 20) }, { finish_reason: 'length' }),
      'cut off at the limit of its tokens',
    ],
    ['nothing', message({ content: null }), 'no JSON object'],
    [
      'an error with a code',
      { error: { message: 'context length exceeded', code: 400 } },
      '200 with an error: context length exceeded',
    ],
    ['an error that is a text', { error: 'model is loading' }, '200 with an error: model is loading'],
    [
      'an error in the choice',
      { choices: [{ finish_reason: 'error', error: { message: 'upstream down', code: 502 } }] },
      'upstream down',
    ],
    ['a page', '<html>', 'not JSON'],
    ['an empty list', { choices: [] }, 'no chat completion'],
    ['another protocol', { output: [] }, 'no chat completion'],
  ])('%s is named', async (_, body, why) => {
    const { turn, problem } = await heard(openai, body);
    expect(turn).toBeUndefined();
    expect(problem).toContain(why);
  });

  it.each([
    [{ message: 'x', code: 'rate_limit_exceeded' }, 'rate'],
    [{ message: 'x', type: 'authentication_error' }, 'key'],
    [{ message: 'x', code: 'context_length_exceeded' }, 'request'],
    [{ message: 'x', code: 503 }, 'server'],
    [{ message: 'x' }, 'server'],
  ])('an error %j in a 200 counts as what it says', async (error, kind) => {
    server = await serve((_, response) => send(response, 200, { error }));
    await expect(ask(modelOf(openai.config(server.url, { attempts: 1 })))).rejects.toMatchObject({ kind });
  });
});

describe('a candidate of Gemini', () => {
  const candidate = (parts: unknown, finishReason = 'STOP') => ({
    candidates: [{ content: { parts }, finishReason }],
  });
  it.each([
    [
      'in parts, thoughts among them',
      candidate([
        { text: '{"analysis":"x","turn":9}', thought: true },
        { text: GOOD.slice(0, 9) },
        { text: GOOD.slice(9) },
      ]),
    ],
    ['as a function call', candidate([{ functionCall: { name: 'decision', args: JSON.parse(GOOD) } }])],
  ])('%s is understood', async (_, body) => {
    expect(await heard(gemini, body)).toMatchObject({ turn: 7, problem: null });
  });

  it.each([
    ['a limit', candidate([{ text: GOOD.slice(0, 20) }], 'MAX_TOKENS'), 'cut off at the limit of its tokens'],
    ['a filter', candidate(undefined, 'SAFETY'), 'the provider kept the reply back (SAFETY)'],
    ['a call gone wrong', candidate([], 'MALFORMED_FUNCTION_CALL'), 'called a tool'],
    ['a blocked prompt', { promptFeedback: { blockReason: 'OTHER' } }, 'the prompt was blocked: OTHER'],
    [
      'an error in a 200',
      { error: { code: 400, message: 'bad things', status: 'INVALID_ARGUMENT' } },
      '200 with an error: bad things',
    ],
    ['parts that are none', candidate('x'), 'no JSON object'],
  ])('%s is named', async (_, body, why) => {
    const { turn, problem } = await heard(gemini, body);
    expect(turn).toBeUndefined();
    expect(problem).toContain(why);
  });
});

describe('a count of tokens that is none is estimated', () => {
  const HOSTILE = [10.5, 1e308, -1, Number.NaN, '12', null, 2 ** 53, [], {}, true, undefined];
  it.each(HOSTILE.map((count) => [count]))('%s', async (count) => {
    const estimated = {
      inputTokens: expect.any(Number),
      outputTokens: Math.ceil(GOOD.length / 4),
      estimated: true,
      thoughtTokens: 0,
    };
    // NaN is no JSON: what a server would send that way.
    const body = { ...message({ content: GOOD }), usage: { prompt_tokens: count, completion_tokens: 20 } };
    const first = await heard(openai, body);
    expect(first).toMatchObject({ turn: 7, usage: estimated });
    expect(Number.isSafeInteger(first.model.account.inputTokens)).toBe(true);
    await server.close();
    const usageMetadata = {
      promptTokenCount: 100,
      candidatesTokenCount: Number.isNaN(count) ? 0.5 : (count ?? 0.5),
    };
    const other = await heard(gemini, {
      candidates: [{ content: { parts: [{ text: GOOD }] } }],
      usageMetadata,
    });
    expect(other).toMatchObject({ turn: 7, usage: estimated });
  });

  it('and a detail that is none is left out', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 20,
      completion_tokens_details: { reasoning_tokens: -3.5 },
    };
    const { usage: counted } = await heard(openai, { ...message({ content: GOOD }), usage });
    expect(counted).toMatchObject({ inputTokens: 100, outputTokens: 20, thoughtTokens: 0, estimated: false });
  });
});
