import type { WireRequest } from './types.js';

/**
 * A request with its form in words where the wire does not carry the schema: behind the last message, where it is the
 * last thing read.
 */
export function asText({
  system,
  messages,
  schema,
  form,
}: WireRequest): Pick<WireRequest, 'system' | 'messages'> {
  if (form === 'schema' || form === 'subset') return { system, messages };
  const last = messages.at(-1);
  if (last === undefined) return { system: `${system}\n\n${inWords(schema)}`, messages };
  return {
    system,
    messages: [...messages.slice(0, -1), { ...last, text: `${last.text}\n\n${inWords(schema)}` }],
  };
}

const inWords = (schema: WireRequest['schema']): string =>
  `Reply with one JSON object and nothing else. It has to match this JSON Schema:\n${JSON.stringify(schema)}`;
