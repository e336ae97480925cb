import { describe, expect, it } from 'vitest';
import { validateChange } from '../../src/knobs/validate.js';
import { thrown } from './thrown.js';

const cfs = {
  scheduler: 'cfs',
  defaults: {
    latency_ns: 24e6,
    min_granularity_ns: 3e6,
    wakeup_granularity_ns: 4e6,
    migration_cost_ns: 500_000,
    nr_migrate: 32,
  },
} as const;
const eevdf = { scheduler: 'eevdf', defaults: { base_slice_ns: 2.8e6, nr_migrate: 32 } } as const;

describe('validateChange', () => {
  it('lets a sound change pass without remarks', () => {
    expect(validateChange({ latency_ns: 10e6, min_granularity_ns: 1e6 }, cfs)).toEqual([]);
    expect(validateChange({ base_slice_ns: 100_000 }, eevdf)).toEqual([]);
    expect(validateChange({}, cfs)).toEqual([]);
  });

  it('refuses a value out of range with name, value, unit and range', () => {
    const error = thrown(() => validateChange({ base_slice_ns: 150e6 }, eevdf));
    expect(error.code).toBe('usage');
    expect(error.message).toBe('base_slice_ns: 150000000 ns (150 ms) is out of range, 100 µs to 100 ms');
    expect(thrown(() => validateChange({ nr_migrate: 0 }, cfs)).message).toBe(
      'nr_migrate: 0 is out of range, 1 to 256',
    );
    expect(thrown(() => validateChange({ latency_ns: -1 }, cfs)).message).toContain('-1 ns is out of range');
  });

  it('takes both ends of a range', () => {
    expect(validateChange({ latency_ns: 100e6, min_granularity_ns: 10e6 }, cfs)).toEqual([]);
    expect(validateChange({ latency_ns: 2e6, min_granularity_ns: 200_000 }, cfs)).toEqual([]);
  });

  it.each([1.5e6 + 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])(
    'refuses %s as no whole number',
    (value) => {
      expect(thrown(() => validateChange({ latency_ns: value }, cfs)).message).toContain(
        'is not a whole number',
      );
    },
  );

  it('refuses unknown knobs and knobs of the other class', () => {
    expect(thrown(() => validateChange({ latency: 1 }, cfs)).hint).toContain('latency_ns');
    expect(thrown(() => validateChange({ latency_ns: 24e6 }, eevdf)).hint).toContain('base_slice_ns');
  });

  it('refuses a knob this kernel does not offer', () => {
    expect(thrown(() => validateChange({ migration_cost_ns: 1e6 }, eevdf))).toMatchObject({
      code: 'incapable',
    });
  });

  it('never lets min_granularity_ns exceed latency_ns', () => {
    const both = thrown(() => validateChange({ latency_ns: 2e6, min_granularity_ns: 4e6 }, cfs));
    expect(both.message).toBe('min_granularity_ns (4 ms) exceeds latency_ns (2 ms)');
  });

  it('checks a one-knob change against the other knob’s default', () => {
    const error = thrown(() => validateChange({ latency_ns: 2e6 }, cfs));
    expect(error.message).toBe(
      'min_granularity_ns (3 ms) exceeds latency_ns (2 ms); min_granularity_ns is not in the change and stays as it is',
    );
  });

  it('does not blame a change for a contradiction it does not touch', () => {
    const odd = { ...cfs, defaults: { ...cfs.defaults, latency_ns: 100_000 } };
    expect(validateChange({ nr_migrate: 8 }, odd)).toEqual([]);
  });

  it('warns with the numbers when latency no longer binds', () => {
    const [warning] = validateChange({ min_granularity_ns: 4e6 }, { ...cfs, runnable: 8.04 });
    expect(warning?.knobs).toEqual(['latency_ns', 'min_granularity_ns']);
    expect(warning?.message).toBe(
      'latency_ns no longer binds: 8 runnable tasks × 4 ms = 32 ms exceeds 24 ms, so min_granularity_ns alone sets the turn',
    );
    expect(validateChange({ min_granularity_ns: 2e6 }, { ...cfs, runnable: 8 })).toEqual([]);
    expect(validateChange({ min_granularity_ns: 4e6 }, cfs)).toEqual([]);
  });
});
