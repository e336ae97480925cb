import { describe, expect, it } from 'vitest';
import { TunesmithError } from '../../../src/errors.js';
import { parseTrace, readTrace } from '../../../src/tuners/human/trace.js';
import { human } from '../../../src/tuners/human.js';
import { makeTuner } from '../../../src/tuners/index.js';
import type { Observation } from '../../../src/tuners/types.js';
import { defaultsOf, observed, twoKnobs } from '../case.js';

const CSV = 'cycle,latency_ns,min_granularity_ns\n1,8ms,1ms\n\n2,,2ms\n5,6000000,\n';

async function replay(text: string) {
  const tuner = human(parseTrace(text, 't'));
  const history: Observation[] = [observed(0, defaultsOf(twoKnobs), 1)];
  for (;;) {
    const proposal = await tuner.propose(history, twoKnobs);
    if (!proposal)
      return history.slice(1).map(({ values }) => [values.latency_ns, values.min_granularity_ns]);
    history.push(observed(history.length, proposal.values, 1));
  }
}

describe('human', () => {
  it('sets what a row names, keeps the rest, and ends with the trace', async () => {
    expect(await replay(CSV)).toEqual([
      [8e6, 1e6],
      [8e6, 2e6],
      [8e6, 2e6],
      [8e6, 2e6],
      [6e6, 2e6],
    ]);
  });

  it.each([
    ['a list of settings', '[{"latency_ns":"8ms"},{"min_granularity_ns":2000000}]'],
    [
      'rows with cycles',
      '[{"cycle":2,"values":{"min_granularity_ns":"2ms"}},{"cycle":1,"values":{"latency_ns":8000000}}]',
    ],
    [
      'a recorded run',
      '{"cycle":0,"values":{"latency_ns":12000000}}\n{"cycle":1,"values":{"latency_ns":8000000,"min_granularity_ns":1500000}}\n{"cycle":2,"values":{"latency_ns":8000000,"min_granularity_ns":2000000},"note":""}\n',
    ],
  ])('reads %s', async (_, text) => {
    expect(await replay(text)).toEqual([
      [8e6, 1.5e6],
      [8e6, 2e6],
    ]);
  });

  it.each([
    ['cycle,latency_ns\n1,8ms,3\n', 'line 2 has 3 values for 2 columns'],
    ['cycle,latency_ns\nx,8ms\n', 'cycle x is not a number'],
    ['cycle,latency_ns\n1,8ms\n1,9ms\n', 'names cycle 1 twice'],
    ['cycle,latency_ns\n', 'has no rows'],
    ['', 'does not begin with names'],
    ['[1, 2]', 'row 0'],
    ['[{"cycle":-1,"values":{}}]', 'row 0'],
    ['[{"latency_ns":', 'is not JSON'],
    ['{"cycle":1}', 'is not JSON'],
  ])('refuses %j: %s', (text, message) => {
    expect(() => parseTrace(text, 'trace.csv')).toThrow(message);
    expect(() => parseTrace(text, 'trace.csv')).toThrow(TunesmithError);
  });

  it.each([
    ['cycle,base_slice_ns\n1,3ms\n', 'is not among the knobs being tuned'],
    ['cycle,latency_ns\n1,soon\n', 'is not a duration'],
    ['[{"latency_ns":1.5}]', 'is a fraction without a unit'],
  ])('says which value of %j is wrong', async (text, message) => {
    await expect(replay(text)).rejects.toThrow(message);
  });

  it('needs a trace, and one that is there', () => {
    expect(() => makeTuner('human')).toThrow('--trace');
    expect(() => readTrace('/nowhere/trace.csv')).toThrow('cannot be read');
  });
});
