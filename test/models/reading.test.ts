import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decode } from '../../src/models/decode.js';
import { readJson } from '../../src/models/json.js';
import { withoutThoughts } from '../../src/models/thoughts.js';
import { GOOD, schema } from './servers/asked.js';

const value = { analysis: 'short turns', turn: 7 };
const DRAFT = '{"analysis":"longer","turn":90}';

const OPEN_THOUGHT = 'the reply is a thought without an end, and no answer after it';

// Some of these took minutes of the only thread: the limit is for that.
it.each<[string, string, string | RegExp | null]>([
  ['closing marks alone', '</think>', null],
  ['thoughts that end twice', '<think></think></think>', null],
  ['openings alone', '<think>', OPEN_THOUGHT],
  ['closing marks of every kind', '</thinking>[/THINK]</seed:think><|END_THINKING|>', null],
  ['brackets', '[', 'the reply has no JSON object'],
  ['objects in quotes', '{"', /./],
  ['comments', '{/*', /./],
])('a reply of a megabyte of %s is read at once', (_, part, problem) => {
  const read = readJson(`${part.repeat((1 << 20) / part.length)}${GOOD}`, schema);
  if (problem === null) expect(read).toEqual({ value, problem });
  else expect(read.problem).toMatch(problem);
});

describe('an answer is taken when its meaning is certain', () => {
  it.each([
    ['as it is', GOOD],
    ['after a thought with braces', `<think>\nlike {"analysis": "...", "turn": {...}}\n</think>\n${GOOD}`],
    [
      'after a thought whose beginning the template had',
      `so {"turn": 90, "analysis": "x"}, no.\n</think>\n\n${GOOD}`,
    ],
    ['after two thoughts', `<think>a</think>hm<think>{"turn":1,"analysis":"b"}</think>${GOOD}`],
    ['after a thought of Mistral', `[THINK]${DRAFT}[/THINK]${GOOD}`],
    ['after a thought of Kimi', `◁think▷${DRAFT}◁/think▷${GOOD}`],
    ['after a thought of Cohere', `<|START_THINKING|>${DRAFT}<|END_THINKING|>${GOOD}`],
    ['after a thought in capitals', `<Thinking>${DRAFT}</Thinking>${GOOD}`],
    [
      'in the final channel of harmony',
      `<|channel|>analysis<|message|>${DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>${GOOD}<|return|>`,
    ],
    ['with the tokens of a template after it', `${GOOD}<|im_end|>`],
    ['in a fence', `Here:\n\`\`\`json\n${GOOD}\n\`\`\`\nGood luck {and so on}.`],
    ['after a draft', `First I thought of ${DRAFT}. But no:\n${GOOD}`],
    ['before an object that is none', `${GOOD}\n{"note":"done"}`],
    ['after one that does not fit', `{"analysis":"too long","turn":900}\n${GOOD}`],
    ['with a comment and commas too many', '{\n "analysis": "short turns", // why\n /* so */ "turn": 7,\n}'],
    ['with a comment of Python’s', "{'analysis': 'short turns',  # why\n 'turn': 7}"],
    ['with single quotes', "{'analysis': 'short turns', 'turn': 7}"],
    ['with typographic quotes', '{“analysis”: “short turns”, “turn”: 7}'],
    ['with bare names', '{analysis: "short turns", turn: 7}'],
    ['without a comma at a line’s end', '{"analysis": "short turns"\n "turn": 7}'],
    ['with a plus and a decimal point', '{"analysis": "short turns", "turn": +7.0}'],
    ['in hex', '{"analysis": "short turns", "turn": 0x7}'],
    ['with one field more', '{"analysis":"short turns","turn":7,"confidence":0.9}'],
    ['with a field more of Python’s', "{'analysis': 'short turns', 'turn': 7, 'sure': True, 'more': None}"],
    ['with a field more that is no number', '{"analysis":"short turns","turn":7,"loss":NaN}'],
    ['alone in a list', `[${GOOD}]`],
    ['wrapped up', `{"answer":${GOOD}}`],
    ['wrapped up beside others', `{"thoughts":"so","final_answer":${GOOD}}`],
    ['as a call in text', `{"name":"decision","arguments":${GOOD}}`],
    ['as a call whose arguments are text', `{"name":"decision","arguments":${JSON.stringify(GOOD)}}`],
    ['as a text', JSON.stringify(GOOD)],
    ['with a byte order mark', `\uFEFF${GOOD}`],
    ['without its last brace', '{"turn":7,"analysis":"short turns"'],
  ])('%s', (_, text) => {
    expect(readJson(text, schema)).toEqual({ value, problem: null });
  });

  it('and keeps marks that are in its own words', () => {
    const text = '{"analysis":"no <think> here","turn":7}';
    expect(readJson(text, schema).value?.analysis).toBe('no <think> here');
  });

  it('and words that were cut off, where they may be missing', () => {
    const lax = z.strictObject({ turn: z.int(), analysis: z.string().default('') });
    expect(readJson('{"turn": 7, "analysis": "numbers 1, 2, 3, 4,', lax).value).toEqual({
      turn: 7,
      analysis: '',
    });
    expect(readJson('{"analysis": "x", "turn": 7', lax).value).toBeUndefined();
  });
});

describe('an answer is sent back when it is not', () => {
  it.each([
    ['no answer after a thought', `<think>${GOOD}`, 'a thought without an end'],
    ['a thought alone in harmony', `<|channel|>analysis<|message|>${GOOD}`, 'a thought without an end'],
    [
      'a last answer that does not fit, after a draft that would',
      `${DRAFT}\n{"analysis":"best","turn":900}`,
      'turn: ',
    ],
    ['a last answer that cannot be read', `${GOOD}\nor rather {"analysis":"x","turn":}`, 'turn'],
    ['a thousand as it may be a decimal', '{"analysis":"x","turn":7,000}', 'not valid JSON'],
    ['several that differ', `{"answer":${GOOD},"result":${DRAFT}}`, 'several answers that differ'],
    ['a list of two', `[${GOOD},${DRAFT}]`, 'reply: '],
    ['nothing but braces', '{{{{{{', 'the name of a field is missing'],
    ['a number alone', '7', 'no JSON object'],
  ])('%s', (_, text, why) => {
    const read = readJson(text, schema);
    expect(read.value).toBeUndefined();
    expect(read.problem).toContain(why);
  });

  it('with the place of what cannot be read', () => {
    const { problem } = readJson('{"analysis": "x",\n"turn" 7}', schema);
    expect(problem).toMatch(/not valid JSON: a ":" or a comma is missing .*, in line 2 near /);
  });
});

it('what is JSON means what it means as JSON', () => {
  const any = z.object({ any: z.unknown() });
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      const text = JSON.stringify({ any: json }, null, 1);
      // With a word before it the lenient reader is at work.
      expect(readJson(`So: ${text} .`, any).value).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

it('no text takes it long, and none throws', () => {
  const hostile = [
    '{'.repeat(1 << 20),
    '{"a":"'.repeat(100_000),
    '['.repeat(200_000) + ']'.repeat(200_000),
    '<think>'.repeat(100_000),
    '/*'.repeat(300_000),
    `{"analysis":"${'x'.repeat(1 << 20)}`,
    '{"__proto__":{"turn":7},"constructor":1}',
  ];
  for (const text of hostile) expect(readJson(text, schema).value).toBeUndefined();
  fc.assert(
    fc.property(
      fc.string({ maxLength: 200, unit: fc.constantFrom(...'{}[]":,\'“”/*#\\ \n7axtrue') }),
      (text) => {
        readJson(text, schema);
        withoutThoughts(text);
      },
    ),
    { numRuns: 2000 },
  );
  expect(({} as Record<string, unknown>).turn).toBeUndefined();
});

it('thoughts are told from answers', () => {
  expect(withoutThoughts('<think>a</think>b')).toEqual({ text: 'b', thought: true, open: false });
  expect(withoutThoughts('İ<THINK>a</THINK>b')).toEqual({ text: 'İb', thought: true, open: false });
  expect(withoutThoughts('b <think>a')).toEqual({ text: 'b ', thought: true, open: true });
  expect(withoutThoughts('plain')).toEqual({ text: 'plain', thought: false, open: false });
});

it.each(['utf8', 'utf16le'] as const)('bytes in %s are a text, with a mark or without', (encoding) => {
  for (const mark of ['', '\uFEFF']) expect(decode(Buffer.from(mark + GOOD, encoding))).toBe(GOOD);
  const swapped = Buffer.from(`\uFEFF${GOOD}`, 'utf16le').swap16();
  expect(decode(swapped)).toBe(GOOD);
});
