import { describe, expect, it } from 'vitest';
import { ALL_KNOBS, findKnob, KNOBS, knobsOf } from '../../src/knobs/catalogue.js';
import { describeSettings, formatKnob } from '../../src/knobs/format.js';
import { HOST_KNOBS } from '../../src/knobs/host.js';
import { parseKnobList, parseSettings, parseValue } from '../../src/knobs/parse.js';
import { effectiveSlice } from '../../src/knobs/slice.js';
import { validateChange } from '../../src/knobs/validate.js';
import { thrown } from './thrown.js';

describe('knobs that only a host has', () => {
  it.each(HOST_KNOBS.map((knob) => [knob.name, knob] as const))('%s is well formed', (name, knob) => {
    expect(knob.min).toBeLessThan(knob.max);
    expect(knob.min).toBeGreaterThanOrEqual(knob.scale === 'log' ? 1 : 0);
    expect([knob.meaning, knob.source].map((text) => text.length > 20)).toEqual([true, true]);
    if (name.endsWith('_ns') || name.endsWith('_us')) expect(knob.unit).toBe(name.slice(-2));
    else expect(knob.unit).toBe('count');
  });

  it('have names of their own and are none of the lab’s', () => {
    const names = ALL_KNOBS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(ALL_KNOBS.length).toBe(KNOBS.length + HOST_KNOBS.length);
    expect(knobsOf('eevdf').map(({ name }) => name)).not.toContain('slice_ns');
  });

  it('are tuned on a host, beside the kernel’s', () => {
    const knobs = parseKnobList('slice_ns,base_slice_ns,cpu_weight', 'eevdf', 'host');
    expect(knobs.map(({ name }) => name)).toEqual(['slice_ns', 'base_slice_ns', 'cpu_weight']);
    expect(parseSettings(['slice_ns=3ms'], 'eevdf', 'host')).toEqual({ slice_ns: 3_000_000 });
  });

  it('are refused for the lab, with the way out', () => {
    for (const act of [
      () => parseKnobList('slice_ns', 'eevdf'),
      () => parseSettings(['slice_ns=3ms'], 'eevdf'),
    ])
      expect(thrown(act)).toMatchObject({
        code: 'usage',
        message: 'knob: "slice_ns" belongs to a running machine and is not set in the lab',
        hint: 'use it with --target host; the lab has base_slice_ns, migration_cost_ns, nr_migrate',
      });
  });

  it('of EEVDF are refused on CFS, with what takes their place', () => {
    expect(thrown(() => findKnob('slice_ns', 'cfs'))).toMatchObject({
      message: 'knob: "slice_ns" is a knob of EEVDF, and this kernel schedules with CFS',
      hint: 'CFS has no slice of a task: min_granularity_ns sets the shortest turn of all of them',
    });
  });

  it('are checked for range and for being there', () => {
    const context = { scheduler: 'eevdf', defaults: { slice_ns: 1_400_000 } } as const;
    expect(validateChange({ slice_ns: 100_000 }, context)).toEqual([]);
    expect(thrown(() => validateChange({ slice_ns: 99_999 }, context)).message).toContain(
      'out of range, 100 µs',
    );
    expect(thrown(() => validateChange({ cpu_weight: 5 }, context)).code).toBe('incapable');
  });

  it('set the turn of their tasks before the kernel’s does', () => {
    expect(effectiveSlice({ slice_ns: 5e6, base_slice_ns: 3e6 }, 4)).toBe(5e6);
  });
});

describe('microseconds', () => {
  const knob = findKnob('sched_cfs_bandwidth_slice_us', 'eevdf');

  it('are read from durations and bare numbers, and shown as durations', () => {
    expect([parseValue(knob, '5ms'), parseValue(knob, '1500'), parseValue(knob, '2500us')]).toEqual([
      5000, 1500, 2500,
    ]);
    expect(formatKnob(knob, 5000)).toBe('5 ms');
    expect(describeSettings({ sched_cfs_bandwidth_slice_us: 1500 })).toBe(
      'sched_cfs_bandwidth_slice_us 1.5 ms',
    );
  });

  it('have no parts', () => {
    expect(thrown(() => parseValue(knob, '1500ns')).message).toContain(
      'is not a whole number of microseconds',
    );
    expect(thrown(() => parseValue(knob, '1.5')).hint).toBe('a bare number is in whole microseconds');
    const context = { scheduler: 'eevdf', defaults: { [knob.name]: 5000 } } as const;
    expect(thrown(() => validateChange({ [knob.name]: 500 }, context)).message).toBe(
      'sched_cfs_bandwidth_slice_us: 500 us is out of range, 1 ms to 100 ms',
    );
  });
});
