import { describe, expect, it } from 'vitest';
import { findKnob, KNOBS, knobsOf } from '../../src/knobs/catalogue.js';
import { contradiction, withoutContradiction } from '../../src/knobs/contradiction.js';
import { describeSettings, formatSettings } from '../../src/knobs/format.js';
import { counterpart, toEevdf } from '../../src/knobs/map.js';
import { positionOf, valueAt } from '../../src/knobs/scale.js';
import { effectiveSlice, runnablePerCpu, tasksLatencyServes } from '../../src/knobs/slice.js';
import { thrown } from './thrown.js';

describe('catalogue', () => {
  it('has the knobs of each scheduler class', () => {
    expect(knobsOf('cfs').map(({ name }) => name)).toEqual([
      'latency_ns',
      'min_granularity_ns',
      'wakeup_granularity_ns',
      'migration_cost_ns',
      'nr_migrate',
    ]);
    expect(knobsOf('eevdf').map(({ name }) => name)).toEqual([
      'base_slice_ns',
      'migration_cost_ns',
      'nr_migrate',
    ]);
  });

  it.each(KNOBS.map((knob) => [knob.name, knob] as const))('%s is well formed', (name, knob) => {
    expect(knob.debugfs).toBe(`sched/${name}`);
    expect(knob.min).toBeLessThan(knob.max);
    expect(knob.min).toBeGreaterThan(0);
    expect(knob.meaning.length).toBeGreaterThan(20);
    expect(knob.source).not.toBe('');
  });

  it('keeps the paper’s ranges', () => {
    expect(findKnob('latency_ns', 'cfs')).toMatchObject({ min: 2e6, max: 100e6, scale: 'log', unit: 'ns' });
    expect(findKnob('min_granularity_ns', 'cfs')).toMatchObject({ min: 2e5, max: 10e6 });
  });

  it('names the near ones of an unknown knob', () => {
    const error = thrown(() => findKnob('base_slise_ns', 'eevdf'));
    expect(error).toMatchObject({ code: 'usage', exitCode: 2 });
    expect(error.message).toContain('"base_slise_ns" is not known');
    expect(error.hint).toContain('base_slice_ns');
  });

  it('says what takes the place of a knob of the other class', () => {
    const renamed = thrown(() => findKnob('min_granularity_ns', 'eevdf'));
    expect(renamed.message).toContain('is a knob of CFS, and this kernel schedules with EEVDF');
    expect(renamed.hint).toMatch(/^use base_slice_ns/);
    expect(thrown(() => findKnob('latency_ns', 'eevdf')).hint).toContain('no target period');
    expect(thrown(() => findKnob('base_slice_ns', 'cfs')).hint).toMatch(/^use min_granularity_ns/);
  });
});

describe('map', () => {
  it('maps CFS values to EEVDF and says why others are dropped', () => {
    const { values, dropped } = toEevdf({ latency_ns: 2e6, min_granularity_ns: 3e6, nr_migrate: 8 });
    expect(values).toEqual({ base_slice_ns: 3e6, nr_migrate: 8 });
    expect(Object.keys(dropped)).toEqual(['latency_ns']);
  });

  it('leaves shared knobs alone', () => {
    expect(counterpart('migration_cost_ns', 'cfs').knob).toBe('migration_cost_ns');
    expect(counterpart('wakeup_granularity_ns', 'eevdf').knob).toBeNull();
  });
});

describe('scale', () => {
  it.each(KNOBS.map((knob) => [knob.name, knob] as const))(
    '%s: both ends are exact, positions round-trip',
    (_, knob) => {
      expect(valueAt(knob, 0)).toBe(knob.min);
      expect(valueAt(knob, 1)).toBe(knob.max);
      expect(positionOf(knob, knob.min)).toBe(0);
      expect(positionOf(knob, knob.max)).toBe(1);
      for (const position of [0.3, 0.5, 0.9]) {
        const value = valueAt(knob, position);
        expect(Number.isSafeInteger(value)).toBe(true);
        expect(positionOf(knob, value)).toBeCloseTo(position, 1);
      }
    },
  );

  it('walks ratios on a log scale and differences on a linear one', () => {
    expect(valueAt(findKnob('base_slice_ns', 'eevdf'), 1 / 3)).toBe(1_000_000);
    expect(valueAt({ min: 0, max: 10, scale: 'linear' }, 0.5)).toBe(5);
    expect(positionOf({ min: 0, max: 10, scale: 'linear' }, 2.5)).toBe(0.25);
  });

  it('holds what lies outside', () => {
    const knob = findKnob('latency_ns', 'cfs');
    expect(positionOf(knob, 100_000)).toBe(0);
    expect(valueAt(knob, 1.5)).toBe(knob.max);
  });
});

describe('slice', () => {
  it('is latency over tasks, but at least the granularity', () => {
    const values = { latency_ns: 24e6, min_granularity_ns: 3e6 };
    expect(effectiveSlice(values, 4)).toBe(6e6);
    expect(effectiveSlice(values, 16)).toBe(3e6);
    expect(tasksLatencyServes(values)).toBe(8);
    expect(effectiveSlice({ base_slice_ns: 3e6 }, 99)).toBe(3e6);
    expect(effectiveSlice({ nr_migrate: 8 }, 2)).toBeNull();
  });

  it('counts runnable tasks from waiting tasks and busy share', () => {
    expect(runnablePerCpu({ runq_waiting: 6, idle_share: 0.1 }, 2)).toBeCloseTo(3.9);
    expect(runnablePerCpu({ idle_share: 0.1 }, 2)).toBeNull();
  });
});

describe('contradiction', () => {
  it('is a granularity above the latency, and nothing else', () => {
    expect(contradiction({ latency_ns: 2e6, min_granularity_ns: 3e6 })).toBe(
      'min_granularity_ns (3 ms) exceeds latency_ns (2 ms)',
    );
    expect(contradiction({ latency_ns: 3e6, min_granularity_ns: 3e6 })).toBeNull();
    expect(contradiction({ min_granularity_ns: 3e6 })).toBeNull();
  });

  it('is resolved through the knob that may move', () => {
    const values = { latency_ns: 2e6, min_granularity_ns: 3e6 };
    expect(withoutContradiction(values, ['latency_ns', 'min_granularity_ns']).latency_ns).toBe(3e6);
    expect(withoutContradiction(values, ['min_granularity_ns']).min_granularity_ns).toBe(2e6);
  });
});

describe('format', () => {
  it('has an exact form to type and a short one to read', () => {
    const values = { latency_ns: 2_340_000, nr_migrate: 8 };
    expect(formatSettings(values)).toBe('latency_ns=2340000 nr_migrate=8');
    expect(describeSettings(values)).toBe('latency_ns 2.34 ms, nr_migrate 8');
  });
});
