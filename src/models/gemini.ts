import type { GenerateContentConfig, GenerateContentResponse, ThinkingLevel } from '@google/genai';
import { messageOf } from '../errors.js';
import type { ConfigOf } from './config.js';
import { ModelError } from './failure.js';
import { type Caller, checkedBase, guardedFetch } from './http.js';
import type { Send, Usage, WireRequest } from './types.js';

export const GEMINI_KEYS = ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] as const;

/** Google's API through its own client; trying again and time limits are ours, so that all providers are alike. */
export function geminiSend(config: ConfigOf<'gemini'>, key: string, caller: Caller): Send {
  const baseUrl = config.baseUrl === undefined ? {} : { baseUrl: checkedBase(config.baseUrl) };
  // Loaded with the first request: it is the largest of our packages, and most runs ask no model.
  const connected = async () => {
    const { GoogleGenAI } = await import('@google/genai');
    const httpOptions = { ...baseUrl, fetch: guardedFetch(caller), retryOptions: { attempts: 1 } };
    return new GoogleGenAI({ apiKey: key, vertexai: false, httpOptions });
  };
  let client: ReturnType<typeof connected> | undefined;
  return async (request, signal) => {
    try {
      client ??= connected();
      const response = await (await client).models.generateContent({
        model: config.model,
        contents: request.messages.map(({ role, text }) => ({ role, parts: [{ text }] })),
        config: settings(config, request, signal),
      });
      return {
        text: textOf(response, caller),
        usage: usageOf(response),
        model: response.modelVersion ?? config.model,
      };
    } catch (error) {
      throw ours(error, caller);
    }
  };
}

function settings(
  { temperature, maxOutputTokens, thinkingBudget, thinkingLevel }: ConfigOf<'gemini'>,
  { system, schema }: WireRequest,
  abortSignal: AbortSignal,
): GenerateContentConfig {
  const thinking = {
    ...(thinkingBudget === undefined ? {} : { thinkingBudget }),
    ...(thinkingLevel === undefined ? {} : { thinkingLevel: thinkingLevel as ThinkingLevel }),
  };
  return {
    systemInstruction: system,
    responseMimeType: 'application/json',
    responseJsonSchema: schema,
    maxOutputTokens,
    abortSignal,
    ...(temperature === undefined ? {} : { temperature }),
    ...(Object.keys(thinking).length === 0 ? {} : { thinkingConfig: thinking }),
  };
}

function textOf({ candidates, promptFeedback }: GenerateContentResponse, { name }: Caller): string {
  if (promptFeedback?.blockReason)
    throw new ModelError('request', `${name}: the prompt was blocked: ${promptFeedback.blockReason}`);
  if (!candidates?.[0]) throw new ModelError('reply', `${name}: the reply has no candidate`);
  const parts = candidates[0].content?.parts ?? [];
  return parts.flatMap(({ text, thought }) => (text === undefined || thought ? [] : [text])).join('');
}

function usageOf({ usageMetadata: usage }: GenerateContentResponse): Usage | null {
  if (usage?.promptTokenCount === undefined) return null;
  const thoughtTokens = usage.thoughtsTokenCount ?? 0;
  return {
    inputTokens: usage.promptTokenCount,
    outputTokens: (usage.candidatesTokenCount ?? 0) + thoughtTokens,
    thoughtTokens,
    cachedTokens: usage.cachedContentTokenCount ?? 0,
    estimated: false,
  };
}

/** The client wraps what its fetch throws: ours is underneath. */
function ours(error: unknown, { name, redact }: Caller): unknown {
  for (let e = error; e instanceof Error; e = e.cause)
    if (e instanceof ModelError || e.name === 'AbortError' || e.name === 'TimeoutError') return e;
  return new ModelError('reply', redact(`${name}: ${messageOf(error)}`).slice(0, 500));
}
