/** How models mark what they think before they answer, where the server leaves it in the text. */
const MARKS: readonly (readonly [open: string, close: string])[] = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['<reasoning>', '</reasoning>'],
  ['<reflection>', '</reflection>'],
  ['<scratchpad>', '</scratchpad>'],
  ['<seed:think>', '</seed:think>'],
  ['[THINK]', '[/THINK]'],
  ['◁think▷', '◁/think▷'],
  ['<|START_THINKING|>', '<|END_THINKING|>'],
  ['<|begin_of_thought|>', '<|end_of_thought|>'],
  ['<|channel>', '<channel|>'],
  ['<unused94>', '<unused95>'],
];

/** The harmony format: channels by name, of which `final` is the answer. */
const CHANNEL = '<|channel|>';
const MESSAGE = '<|message|>';
const CHANNEL_END = /<\|(?:end|return|call|start)\|>/;

/** A text without what the model thought. */
export interface Said {
  readonly text: string;
  /** Whether there was a thought in it. */
  readonly thought: boolean;
  /** Whether the thought has no end, so that there is no answer after it. */
  readonly open: boolean;
}

/** Leaves out what a model thought: between the marks, before a lone closing one, after a lone opening one. */
export function withoutThoughts(text: string): Said {
  if (text.includes(CHANNEL)) return finalChannel(text);
  return MARKS.reduce<Said>((said, [open, close]) => cut(said, open, close), {
    ...{ text, thought: false, open: false },
  });
}

function finalChannel(text: string): Said {
  const channels = text.split(CHANNEL).slice(1);
  const final = channels.findLast((channel) => channel.trimStart().startsWith('final'));
  if (final === undefined) return { text: '', thought: true, open: true };
  const from = final.indexOf(MESSAGE);
  const said = from < 0 ? final.trimStart().slice('final'.length) : final.slice(from + MESSAGE.length);
  return { text: said.split(CHANNEL_END, 1)[0] as string, thought: channels.length > 1, open: false };
}

function cut(said: Said, open: string, close: string): Said {
  const lower = lowered(said.text);
  const [start, end] = [lowered(open), lowered(close)];
  if (!lower.includes(start) && !lower.includes(end)) return said;
  const kept: string[] = [];
  let at = 0;
  // A mark is looked for again only once the place is past it: or each of many marks costs a look at the whole reply.
  let [opened, closed] = [lower.indexOf(start), lower.indexOf(end)];
  for (;;) {
    if (opened >= 0 && opened < at) opened = lower.indexOf(start, at);
    if (closed >= 0 && closed < at) closed = lower.indexOf(end, at);
    // A closing mark alone: the prompt's template had opened the thought.
    if (closed >= 0 && (opened < 0 || closed < opened)) {
      kept.length = 0;
      at = closed + end.length;
    } else if (opened < 0) {
      kept.push(said.text.slice(at));
      return { text: kept.join(''), thought: true, open: said.open };
    } else {
      kept.push(said.text.slice(at, opened));
      const after = lower.indexOf(end, opened);
      if (after < 0) return { text: kept.join(''), thought: true, open: true };
      at = after + end.length;
    }
  }
}

/** ASCII alone, so that places stay the same. */
const lowered = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
