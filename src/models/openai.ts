import type { ConfigOf } from './config.js';
import { ModelError } from './failure.js';
import { asText } from './form.js';
import { type Caller, checkedBase, exchange, jsonIn, notJson } from './http.js';
import { completionIn, spoken } from './openai-reply.js';
import { strictSubset } from './subset.js';
import type { Form, Send, WireRequest } from './types.js';

export const OPENAI_KEYS = ['OPENAI_API_KEY'] as const;
export const OPENAI_BASE = 'https://api.openai.com/v1';

/** Any server with /chat/completions: hosted ones, llama.cpp's, Ollama, vLLM. A local one may need no key. */
export function openaiSend(config: ConfigOf<'openai'>, key: string | null, caller: Caller): Send {
  const url = new URL(`${checkedBase(config.baseUrl ?? OPENAI_BASE)}/chat/completions`);
  const authorization = key === null ? {} : { authorization: `Bearer ${key}` };
  return async (request, signal) => {
    const text = await exchange(caller, url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...authorization },
      body: JSON.stringify(body(config, request)),
      signal,
    });
    const completion = completionIn(text);
    if (completion !== null) return spoken(completion, config.model);
    if (jsonIn(text) === undefined) throw notJson(caller, text);
    throw new ModelError('reply', `${caller.name}: the reply is no chat completion`, {
      hint: 'check the base URL: it usually ends in /v1',
    });
  };
}

/** The ways of asking for the form, the surest first. OpenAI's own servers refuse what is not in the subset. */
export function openaiForms({ structured, baseUrl }: ConfigOf<'openai'>): readonly Form[] {
  const own: readonly Form[] = baseUrl === undefined ? ['subset'] : ['schema', 'subset'];
  return { schema: [...own, 'object', 'none'], object: ['object', 'none'], none: ['none'] }[
    structured
  ] as Form[];
}

function body(config: ConfigOf<'openai'>, request: WireRequest): unknown {
  const { schema, form, maxOutputTokens } = request;
  const { system, messages } = asText(request);
  const named = (strict: boolean, one: unknown) => ({
    type: 'json_schema',
    json_schema: { name: 'decision', strict, schema: one },
  });
  const format = {
    schema: named(true, schema),
    subset: named(true, strictSubset(schema)),
    object: { type: 'json_object' },
    none: undefined,
  }[form];
  return {
    model: config.model,
    messages: [
      { role: 'system', content: system },
      ...messages.map(({ role, text }) => ({ role: role === 'model' ? 'assistant' : 'user', content: text })),
    ],
    // OpenAI's own servers refuse the older name for models that reason; others know only that.
    [config.baseUrl === undefined ? 'max_completion_tokens' : 'max_tokens']: maxOutputTokens,
    ...(config.temperature === undefined ? {} : { temperature: config.temperature }),
    ...(format === undefined ? {} : { response_format: format }),
  };
}
