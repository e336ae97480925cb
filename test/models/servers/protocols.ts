import { checkModel, type ModelConfig } from '../../../src/models/config.js';
import type { Seen } from './serve.js';

/** A wire protocol: how our server says what its provider would say. */
export interface Protocol {
  readonly name: 'gemini' | 'openai';
  reply(text: string, tokens?: { input: number; output: number; thoughts: number }): unknown;
  refusal(status: number, message: string): unknown;
  /** The whole prompt of a request, system first. */
  prompt(seen: Seen): string;
  key(seen: Seen): string | undefined;
  /** What follows --model, for a server of ours. */
  config(url: string, more?: Record<string, unknown>): ModelConfig;
}

const COUNT = { input: 100, output: 20, thoughts: 5 };
interface Parts {
  readonly parts: readonly { readonly text: string }[];
}
const textsOf = (contents: readonly Parts[]): string[] =>
  contents.flatMap(({ parts }) => parts.map((p) => p.text));
const QUICK = { attempts: 3, firstPause: '1ms', longestPause: '2s', timeout: '120s', maxOutputTokens: 1000 };
const MODEL = 'gemini-2.5-flash';

const gemini: Protocol = {
  name: 'gemini',
  reply: (text, { input, output, thoughts } = COUNT) => ({
    candidates: [
      { content: { role: 'model', parts: [{ text: 'hm', thought: true }, { text }] }, finishReason: 'STOP' },
    ],
    usageMetadata: {
      promptTokenCount: input,
      candidatesTokenCount: output - thoughts,
      thoughtsTokenCount: thoughts,
    },
    modelVersion: 'test-model-001',
  }),
  refusal: (code, message) => ({ error: { code, message, status: 'FAILED' } }),
  prompt: ({ body }) => {
    const { systemInstruction, contents } = body as { systemInstruction: Parts; contents: Parts[] };
    return textsOf([systemInstruction, ...contents]).join('\n');
  },
  key: ({ headers }) => headers['x-goog-api-key'] as string | undefined,
  config: (url, more = {}) =>
    checkModel({ ...QUICK, provider: 'gemini', model: MODEL, baseUrl: url, ...more }, 'test'),
};

const openai: Protocol = {
  name: 'openai',
  reply: (text, { input, output, thoughts } = COUNT) => ({
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      completion_tokens_details: { reasoning_tokens: thoughts },
    },
    model: 'test-model-001',
  }),
  refusal: (_, message) => ({ error: { message, type: 'failed' } }),
  prompt: ({ body }) => (body.messages as { content: string }[]).map(({ content }) => content).join('\n'),
  key: ({ headers }) => headers.authorization?.replace('Bearer ', ''),
  config: (url, more = {}) => {
    const own = { provider: 'openai', model: MODEL, baseUrl: `${url}/v1`, keyVariable: 'TEST_MODEL_KEY' };
    return checkModel({ ...QUICK, ...own, ...more }, 'test');
  },
};

export const PROTOCOLS = [gemini, openai] as const;
