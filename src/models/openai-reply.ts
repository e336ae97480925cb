import { z } from 'zod';
import { withoutThoughts } from './thoughts.js';
import type { Ending, WireReply } from './types.js';
import { usageFrom } from './usage.js';

const words = z.string().nullish().catch(null);
const unknowns = z.record(z.string(), z.unknown());

const message = z.object({
  content: z
    .union([z.string(), z.array(z.union([z.string(), unknowns])), unknowns])
    .nullish()
    .catch(null),
  refusal: words,
  // What thinking servers put beside the answer, by the names they have for it.
  reasoning_content: words,
  reasoning: words,
  thinking: words,
  tool_calls: z.array(unknowns).nullish().catch(null),
  function_call: unknowns.nullish().catch(null),
});

/** What is read of a chat completion; servers differ in all the rest. */
const completion = z.object({
  model: words,
  choices: z.array(z.object({ message, finish_reason: words, native_finish_reason: words })).min(1),
  usage: unknowns.nullish().catch(null),
});

export type Completion = z.infer<typeof completion>;

/** A body as a completion: one, or the pieces of one that was streamed though nobody asked for it; null for neither. */
export function completionIn(text: string): Completion | null {
  const parsed = completion.safeParse(
    /^\s*(?:data|event|id|retry|:)/.test(text) ? joined(text) : jsonOf(text),
  );
  return parsed.success ? parsed.data : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Pieces of a server-sent stream as the completion they make. */
function joined(text: string): unknown {
  const pieces = text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => jsonOf(line.slice('data:'.length)))
    .filter((piece) => typeof piece === 'object' && piece !== null) as Record<string, unknown>[];
  const texts: Record<string, string> = {};
  let rest: Record<string, unknown> = {};
  for (const piece of pieces) {
    const [choice = {}] = (Array.isArray(piece.choices) ? piece.choices : []) as Record<string, unknown>[];
    for (const [name, part] of Object.entries({ ...(choice.delta as object), ...(choice.message as object) }))
      if (typeof part === 'string') texts[name] = (texts[name] ?? '') + part;
    const reason = choice.finish_reason ?? rest.finish_reason;
    rest = {
      ...rest,
      model: piece.model ?? rest.model,
      usage: piece.usage ?? rest.usage,
      finish_reason: reason,
    };
  }
  const { model, usage, finish_reason } = rest;
  return pieces.length === 0 ? null : { model, usage, choices: [{ message: texts, finish_reason }] };
}

/** What a completion says: its text parts joined, without thoughts; how it ended, where that is not simply the end. */
export function spoken({ choices, usage, model }: Completion, asked: string): WireReply {
  const [choice] = choices as [Completion['choices'][number]];
  const { content } = choice.message;
  const { text, thought } = textOf(content);
  const call = calledIn(choice.message);
  // Some servers turn an answer in a given form into a call: of the only one the arguments are the answer.
  const said = text.trim() === '' && call ? call.text : text;
  const beside = [choice.message.reasoning_content, choice.message.reasoning, choice.message.thinking];
  const ending = endingOf(choice, text, call);
  return {
    text: said,
    usage: usage ? counted(usage) : null,
    model: model || asked,
    ...(ending ? { ending } : {}),
    ...(thought || beside.some(Boolean) || withoutThoughts(text).thought || thoughtTokens(usage)
      ? { thought: true }
      : {}),
  };
}

const TEXTS = ['text', 'output_text', 'input_text'];

function textOf(content: Completion['choices'][number]['message']['content']): {
  text: string;
  thought: boolean;
} {
  if (typeof content === 'string') return { text: content, thought: false };
  const parts = Array.isArray(content) ? content : content ? [content] : [];
  const texts = parts.map((part) => {
    if (typeof part === 'string') return part;
    const isText = part.type === undefined || TEXTS.includes(String(part.type));
    return isText && typeof part.text === 'string' ? part.text : null;
  });
  const isThought = (part: (typeof parts)[number]) =>
    typeof part === 'object' && /think|reason|thought/.test(String(part.type));
  return { text: texts.filter((text) => text !== null).join(''), thought: parts.some(isThought) };
}

interface Call {
  readonly name: string;
  readonly text: string;
  readonly others: number;
}

function calledIn({ tool_calls, function_call }: Completion['choices'][number]['message']): Call | null {
  const calls = [...(tool_calls ?? []), ...(function_call ? [{ function: function_call }] : [])];
  const first = calls[0]?.function as Readonly<Record<string, unknown>> | undefined;
  if (calls.length === 0) return null;
  const given = first?.arguments;
  const text = typeof given === 'string' ? given : given ? JSON.stringify(given) : '';
  return {
    name: String(first?.name ?? 'unnamed'),
    text: calls.length === 1 ? text : '',
    others: calls.length - 1,
  };
}

function endingOf(
  { message: said, finish_reason, native_finish_reason }: Completion['choices'][number],
  text: string,
  call: Call | null,
): Ending | null {
  const parts = Array.isArray(said.content) ? said.content : [];
  const refused = parts.find((part) => typeof part === 'object' && part.type === 'refusal');
  const refusal = said.refusal || (typeof refused === 'object' ? String(refused.refusal ?? '') : '');
  if (refusal) return { kind: 'refused', words: `the model refused: ${refusal}` };
  const reason = finish_reason ?? native_finish_reason ?? '';
  if (/filter|safety|block|prohibit/i.test(reason))
    return { kind: 'refused', words: `the provider kept the reply back (${reason})` };
  if (/^(length|max_tokens|max_output_tokens|model_length)$/i.test(reason))
    return { kind: 'cut', words: 'the reply is cut off at the limit of its tokens' };
  if (call && text.trim() === '') {
    const more = call.others > 0 ? ` and ${call.others} more` : '';
    return {
      kind: 'tool',
      words: `the model called a tool, "${call.name}"${more}, and there is none: its reply has to be text`,
    };
  }
  return null;
}

const inside = (details: unknown, name: string): unknown =>
  typeof details === 'object' && details !== null ? (details as Record<string, unknown>)[name] : undefined;

const thoughtTokens = (usage: Completion['usage']): number =>
  Number(inside(usage?.completion_tokens_details, 'reasoning_tokens')) || 0;

const counted = (usage: Readonly<Record<string, unknown>>) =>
  usageFrom({
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
    thoughts: inside(usage.completion_tokens_details, 'reasoning_tokens'),
    cached: inside(usage.prompt_tokens_details, 'cached_tokens'),
  });
