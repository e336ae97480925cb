import { describe, expect, it } from 'vitest';
import { parseKnobList, parseSettings } from '../../src/knobs/parse.js';
import { thrown } from './thrown.js';

describe('parseSettings', () => {
  it('takes units, and bare numbers in the knob’s unit', () => {
    expect(parseSettings(['base_slice_ns=3ms', 'nr_migrate=8'], 'eevdf')).toEqual({
      base_slice_ns: 3_000_000,
      nr_migrate: 8,
    });
    expect(parseSettings(['latency_ns=24000000', ' min_granularity_ns = 0.75ms '], 'cfs')).toEqual({
      latency_ns: 24_000_000,
      min_granularity_ns: 750_000,
    });
    expect(parseSettings([], 'cfs')).toEqual({});
  });

  it.each([
    ['base_slice_ns', 'is not KNOB=VALUE'],
    ['=3ms', 'is not KNOB=VALUE'],
    ['base_slice_ns=1=2', 'is not KNOB=VALUE'],
    ['base_slice_ns=', 'is not a duration'],
    ['base_slice_ns=3mins', 'is not a duration'],
    ['base_slice_ns=3 parsecs', 'is not a duration'],
    ['base_slice_ns=1.5', 'is a fraction without a unit'],
    ['base_slice_ns=99999999999999999999', 'is too large to count'],
    ['nr_migrate=3ms', 'is not a whole number'],
    ['nr_migrate=1.5', 'is not a whole number'],
    ['nr_migrate=1e3', 'is not a whole number'],
    ['nr_migrat=3', 'is not known'],
    ['latency_ns=3ms', 'is a knob of CFS'],
    ['__proto__=3', 'is not known'],
  ])('refuses %s', (text, rule) => {
    const error = thrown(() => parseSettings([text], 'eevdf'));
    expect(error.code).toBe('usage');
    expect(error.message).toContain(rule);
  });

  it('explains that a count takes no unit', () => {
    expect(thrown(() => parseSettings(['nr_migrate=3ms'], 'cfs')).hint).toContain(
      'is a count and takes no unit',
    );
  });

  it('refuses the same knob twice', () => {
    const error = thrown(() => parseSettings(['nr_migrate=3', 'nr_migrate=4'], 'cfs'));
    expect(error.message).toContain('a second time');
  });
});

describe('parseKnobList', () => {
  it('keeps the order given', () => {
    const names = parseKnobList('min_granularity_ns, latency_ns', 'cfs').map(({ name }) => name);
    expect(names).toEqual(['min_granularity_ns', 'latency_ns']);
  });

  it('refuses nothing, strangers and repetitions', () => {
    expect(thrown(() => parseKnobList(' , ', 'cfs')).hint).toContain('latency_ns');
    expect(thrown(() => parseKnobList('latency', 'cfs')).hint).toContain('latency_ns');
    expect(thrown(() => parseKnobList('nr_migrate,nr_migrate', 'cfs')).message).toContain('twice');
  });
});
