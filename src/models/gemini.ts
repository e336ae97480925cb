import type { GenerateContentConfig, GenerateContentResponse, ThinkingLevel } from '@google/genai';
import { messageOf } from '../errors.js';
import type { ConfigOf } from './config.js';
import { ModelError } from './failure.js';
import { asText } from './form.js';
import { type Caller, checkedBase, guardedFetch } from './http.js';
import { strictSubset } from './subset.js';
import { withoutThoughts } from './thoughts.js';
import type { Ending, Form, Send, WireReply, WireRequest } from './types.js';
import { usageFrom } from './usage.js';

export const GEMINI_KEYS = ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] as const;
/** The ways of asking for the form, the surest first. */
export const GEMINI_FORMS: readonly Form[] = ['subset', 'object', 'none'];

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
        contents: asText(request).messages.map(({ role, text }) => ({ role, parts: [{ text }] })),
        config: settings(config, request, signal),
      });
      return spoken(response, config.model, caller);
    } catch (error) {
      throw ours(error, caller);
    }
  };
}

function settings(
  { temperature, thinkingBudget, thinkingLevel }: ConfigOf<'gemini'>,
  { system, schema, form, maxOutputTokens }: WireRequest,
  abortSignal: AbortSignal,
): GenerateContentConfig {
  const thinking = {
    ...(thinkingBudget === undefined ? {} : { thinkingBudget }),
    ...(thinkingLevel === undefined ? {} : { thinkingLevel: thinkingLevel as ThinkingLevel }),
  };
  return {
    systemInstruction: system,
    ...(form === 'none' ? {} : { responseMimeType: 'application/json' }),
    ...(form === 'subset' ? { responseJsonSchema: strictSubset(schema) } : {}),
    maxOutputTokens,
    abortSignal,
    ...(temperature === undefined ? {} : { temperature }),
    ...(Object.keys(thinking).length === 0 ? {} : { thinkingConfig: thinking }),
  };
}

function spoken(response: GenerateContentResponse, asked: string, { name }: Caller): WireReply {
  const { candidates, promptFeedback, modelVersion } = response;
  if (promptFeedback?.blockReason)
    throw new ModelError('request', `${name}: the prompt was blocked: ${promptFeedback.blockReason}`);
  const candidate = Array.isArray(candidates) ? candidates[0] : undefined;
  if (!candidate) throw new ModelError('reply', `${name}: the reply has no candidate`);
  const given = candidate.content?.parts;
  const parts = Array.isArray(given) ? given : [];
  const text = parts
    .flatMap(({ text, thought }) => (typeof text !== 'string' || thought ? [] : [text]))
    .join('');
  const call = parts.find(({ functionCall }) => functionCall)?.functionCall;
  const ending = endingOf(`${candidate.finishReason ?? ''}`, text === '' ? call?.name : undefined);
  const usage = usageOf(response);
  const thought = parts.some((part) => part.thought) || withoutThoughts(text).thought || usage?.thoughtTokens;
  return {
    text: text === '' && call?.args ? JSON.stringify(call.args) : text,
    usage,
    model: typeof modelVersion === 'string' && modelVersion !== '' ? modelVersion : asked,
    ...(ending ? { ending } : {}),
    ...(thought ? { thought: true } : {}),
  };
}

function endingOf(reason: string, called: string | undefined): Ending | null {
  if (reason === 'MAX_TOKENS')
    return { kind: 'cut', words: 'the reply is cut off at the limit of its tokens' };
  if (called !== undefined || /FUNCTION_CALL|TOOL_CALL/.test(reason)) {
    const which = called === undefined ? '' : `, "${called}",`;
    return {
      kind: 'tool',
      words: `the model called a tool${which} and there is none: its reply has to be text`,
    };
  }
  if (['', 'STOP', 'FINISH_REASON_UNSPECIFIED', 'OTHER'].includes(reason)) return null;
  return { kind: 'refused', words: `the provider kept the reply back (${reason})` };
}

function usageOf({ usageMetadata: usage }: GenerateContentResponse) {
  if (!usage) return null;
  const [answer, thoughts] = [usage.candidatesTokenCount ?? 0, usage.thoughtsTokenCount ?? 0];
  const isCounted = typeof answer === 'number' && typeof thoughts === 'number';
  return usageFrom({
    input: usage.promptTokenCount,
    output: isCounted ? answer + thoughts : null,
    ...{ thoughts, cached: usage.cachedContentTokenCount },
  });
}

/** The client wraps what its fetch throws: ours is underneath. */
function ours(error: unknown, { name, redact }: Caller): unknown {
  for (let e = error; e instanceof Error; e = e.cause)
    if (e instanceof ModelError || e.name === 'AbortError' || e.name === 'TimeoutError') return e;
  return new ModelError('reply', redact(`${name}: ${messageOf(error)}`).slice(0, 500));
}
