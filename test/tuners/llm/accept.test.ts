import { describe, expect, it } from 'vitest';
import { readJson } from '../../../src/models/json.js';
import { OBSERVERS } from '../../../src/tuners/llm/observers.js';
import { decisionSchema, MOST_ANALYSIS } from '../../../src/tuners/llm/reply.js';
import { oneKnob, twoKnobs } from '../case.js';

const one = decisionSchema(oneKnob, OBSERVERS);
const two = decisionSchema(twoKnobs, OBSERVERS);
const SLICE = { base_slice_ns: 300_000 };
const PAIR = { latency_ns: 3e6, min_granularity_ns: 3e5 };

describe('a decision is taken when its meaning is certain', () => {
  it.each([
    ['as asked', '{"config":{"base_slice_ns":300000},"observe":null,"analysis":"x"}'],
    [
      'after a thought with braces',
      '<think>{"analysis": "...", "config": {...}}</think>{"analysis":"x","config":{"base_slice_ns":300000},"observe":null}',
    ],
    [
      'with a comment and commas too many',
      '{\n"analysis": "x", // from 1.4 ms\n"config": {"base_slice_ns": 300000,},\n"observe": null\n}',
    ],
    ['without the rest', '{"config":{"base_slice_ns":300000}}'],
    ['as a text', '{"config":{"base_slice_ns":"300000"}}'],
    ['in microseconds', '{"config":{"base_slice_ns":"300us"}}'],
    ['in µs', '{"config":{"base_slice_ns":"300 µs"}}'],
    ['in the other µ', '{"config":{"base_slice_ns":"300 μs"}}'],
    ['in milliseconds', '{"config":{"base_slice_ns":"0.3ms"}}'],
    ['in words', '{"config":{"base_slice_ns":"300 microseconds"}}'],
    ['without quotes', '{"config":{"base_slice_ns": 300us}}'],
    ['with thousands', '{"config":{"base_slice_ns":"300,000"}}'],
    ['with thousands and the unit', '{"config":{"base_slice_ns":"300,000 ns"}}'],
    ['with thousands of Python', '{"config":{"base_slice_ns":300_000}}'],
    ['with a power of ten', '{"config":{"base_slice_ns":3e5}}'],
    ['with a power of ten as a text', '{"config":{"base_slice_ns":"3e5"}}'],
    ['with a fraction of a nanosecond', '{"config":{"base_slice_ns":300000.4}}'],
    ['with value and unit', '{"config":{"base_slice_ns":{"value":300,"unit":"us"}}}'],
    ['in a list of one', '{"config":[{"base_slice_ns":300000}]}'],
    ['as a value in a list of one', '{"config":{"base_slice_ns":[300000]}}'],
    ['in pairs', '{"config":[{"name":"base_slice_ns","value":300000}]}'],
    ['as the only value', '{"config":300000}'],
    ['as a JSON text', '{"config":"{\\"base_slice_ns\\":300000}"}'],
    ['flat', '{"base_slice_ns":300000,"analysis":"x","confidence":0.9}'],
    ['under another name', '{"analysis":"x","parameters":{"base_slice_ns":300000}}'],
    ['deep inside', '{"answer":{"decision":{"settings":{"base_slice_ns":300000}}}}'],
    ['twice the same', '{"config":{"base_slice_ns":300000},"values":{"base_slice_ns":"300us"}}'],
    ['beside a draft', '{"draft":{"base_slice_ns":900000},"config":{"base_slice_ns":300000}}'],
    ['with words in it', '{"config":{"base_slice_ns":300000,"comment":"short","unit":"ns"}}'],
    ['with another knob where it is anyway', '{"config":{"base_slice_ns":300000,"nr_migrate":32}}'],
    ['with Python’s literals', "{'config': {'base_slice_ns': 300000}, 'observe': None, 'sure': True}"],
    ['with nothing to see', '{"config":{"base_slice_ns":300000},"observe":"none"}'],
    [
      'with a rambling that was cut off',
      '{"config":{"base_slice_ns":300000},"observe":null,"analysis":"1, 2, 3, 4, 5,',
    ],
    [
      'in prose',
      'I would choose:\n\n```json5\n{config: {base_slice_ns: 300000}}\n```\nbecause {waits} are long.',
    ],
  ])('%s', (_, text) => {
    expect(readJson(text, one)).toMatchObject({ problem: null, value: { config: SLICE, observe: null } });
  });

  it.each([
    [
      'as asked',
      '{"config":{"latency_ns":3000000,"min_granularity_ns":300000},"observe":null,"analysis":""}',
    ],
    ['with units', '{"config":{"latency_ns":"3 ms","min_granularity_ns":"300us"}}'],
    [
      'in pairs with units',
      '{"config":[{"name":"latency_ns","value":3,"unit":"ms"},{"name":"min_granularity_ns","value":"0.3ms"}]}',
    ],
  ])('for two knobs %s', (_, text) => {
    expect(readJson(text, two)).toMatchObject({ problem: null, value: { config: PAIR } });
  });

  it('with what it wants to see', () => {
    expect(readJson('{"config":300000,"observe":["Ranking"]}', one).value?.observe).toBe('ranking');
  });

  it('and its words in bounds, whatever they are called', () => {
    const long = 'x'.repeat(9000);
    const read = readJson(`{"config":300000,"reasoning":"${long}"}`, one);
    expect(read.value?.analysis).toHaveLength(MOST_ANALYSIS);
    expect(readJson('{"config":300000,"analysis":["a",{"b":1}]}', one).value?.analysis).toBe('["a",{"b":1}]');
  });
});

describe('a decision is sent back when it is not', () => {
  it.each([
    ['a decimal comma', '{"config":{"base_slice_ns":"1,400 ms"}}', 'whole number of ns, such as 1400000'],
    ['a unit of something else', '{"config":{"base_slice_ns":"300 kB"}}', 'whole number of ns'],
    ['about', '{"config":{"base_slice_ns":"about 300 us"}}', 'whole number of ns'],
    ['no number', '{"config":{"base_slice_ns":NaN}}', 'whole number of ns'],
    ['nothing', '{"config":{"base_slice_ns":null}}', 'whole number of ns'],
    ['milliseconds without a unit', '{"config":{"base_slice_ns":0.3}}', 'config.base_slice_ns'],
    ['microseconds without a unit', '{"config":{"base_slice_ns":300}}', 'must be at least'],
    [
      'two that differ',
      '{"first":{"base_slice_ns":300000},"second":{"base_slice_ns":900000}}',
      'several settings that differ',
    ],
    ['another knob', '{"config":{"base_slice_ns":300000,"swappiness":1}}', 'swappiness'],
    ['a kernel knob that is not tuned', '{"base_slice_ns":300000,"nr_migrate":8}', 'nr_migrate'],
    ['something unknown to see', '{"config":300000,"observe":"everything"}', 'observe'],
    ['half a config', '{"config":{"base_slice_ns":3000', 'cut off'],
    ['a list of two', '{"config":[300000,900000]}', 'config'],
  ])('%s', (_, text, why) => {
    const read = readJson(text, one);
    expect(read.value).toBeUndefined();
    expect(read.problem).toContain(why);
  });

  it('one knob of two is missing', () => {
    expect(readJson('{"config":{"latency_ns":3000000}}', two).problem).toContain('min_granularity_ns');
  });
});
