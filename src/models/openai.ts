import { z } from 'zod';
import type { ConfigOf } from './config.js';
import { ModelError } from './failure.js';
import { type Caller, checkedBase, guardedFetch } from './http.js';
import type { Send, Usage, WireRequest } from './types.js';

export const OPENAI_KEYS = ['OPENAI_API_KEY'] as const;
export const OPENAI_BASE = 'https://api.openai.com/v1';

const count = z.number().nonnegative().catch(0);

/** What is read of a chat completion; servers differ in all the rest. */
const completion = z.object({
  model: z.string().optional(),
  choices: z
    .array(z.object({ message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }) }))
    .min(1),
  usage: z
    .object({
      prompt_tokens: z.number().nonnegative(),
      completion_tokens: z.number().nonnegative(),
      prompt_tokens_details: z.object({ cached_tokens: count }).nullish().catch(null),
      completion_tokens_details: z.object({ reasoning_tokens: count }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
});

/** Any server with /chat/completions: hosted ones, llama.cpp's, Ollama, vLLM. A local one may need no key. */
export function openaiSend(config: ConfigOf<'openai'>, key: string | null, caller: Caller): Send {
  const url = `${checkedBase(config.baseUrl ?? OPENAI_BASE)}/chat/completions`;
  const call = guardedFetch(caller);
  const authorization = key === null ? {} : { authorization: `Bearer ${key}` };
  return async (request, signal) => {
    const response = await call(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization },
      body: JSON.stringify(body(config, request)),
      signal,
    });
    const parsed = completion.safeParse(await response.json());
    if (!parsed.success)
      throw new ModelError('reply', `${caller.name}: the reply is no chat completion`, {
        hint: 'check the base URL: it usually ends in /v1',
      });
    const { choices, usage, model } = parsed.data;
    const text = choices[0]?.message.content ?? '';
    return { text, usage: usage ? usageOf(usage) : null, model: model ?? config.model };
  };
}

function body(config: ConfigOf<'openai'>, { system, messages, schema }: WireRequest): unknown {
  const format = {
    schema: { type: 'json_schema', json_schema: { name: 'decision', strict: true, schema } },
    object: { type: 'json_object' },
    none: undefined,
  }[config.structured];
  return {
    model: config.model,
    messages: [
      { role: 'system', content: system },
      ...messages.map(({ role, text }) => ({ role: role === 'model' ? 'assistant' : 'user', content: text })),
    ],
    // OpenAI's own servers refuse the older name for models that reason; others know only that.
    [config.baseUrl === undefined ? 'max_completion_tokens' : 'max_tokens']: config.maxOutputTokens,
    ...(config.temperature === undefined ? {} : { temperature: config.temperature }),
    ...(format === undefined ? {} : { response_format: format }),
  };
}

function usageOf(usage: NonNullable<z.infer<typeof completion>['usage']>): Usage {
  return {
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    thoughtTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    estimated: false,
  };
}
