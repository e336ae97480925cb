import { describe, expect, it } from 'vitest';
import { beforeAfter, gainOf, judge } from '../../src/report/facts.js';
import { clip, figure, tickLabel } from '../../src/report/format.js';
import { metricFromName } from '../../src/report/metric-info.js';
import { signedPercent } from '../../src/units.js';
import { sampleEevdf, sampleResult } from './sample.js';

describe('beforeAfter', () => {
  it('rests on the referee where there is one', () => {
    const result = sampleResult();
    expect(beforeAfter(result)).toMatchObject({
      source: 'referee',
      before: { objective: result.referee?.default.objective },
      after: { objective: result.referee?.best.objective },
      gain: result.referee?.gain,
    });
  });

  it('rests on the search where there is none', () => {
    const result = sampleEevdf();
    const { source, before, after, gain } = beforeAfter(result);
    expect([source, before.objective, after?.objective]).toEqual([
      'search',
      result.cycles[0]?.objective,
      result.best.objective,
    ]);
    expect(gain).toBeCloseTo(1 - (result.best.objective ?? 0) / (result.cycles[0]?.objective ?? 0));
  });

  it('has no "after" when the default is the best', () => {
    const result = { ...sampleResult(), referee: null };
    const values = { latency_ns: 24e6, min_granularity_ns: 3e6 };
    expect(beforeAfter({ ...result, best: { cycle: 0, values, objective: 9e7 } })).toMatchObject({
      after: null,
      gain: 0,
    });
  });
});

describe('gainOf', () => {
  const lower = sampleResult();
  const higher = { ...lower, objective: { ...lower.objective, direction: 'higher' as const } };
  it('is positive when better, whichever way is better', () => {
    expect(gainOf(lower, 100, 75)).toBe(0.25);
    expect(gainOf(higher, 100, 125)).toBe(0.25);
    expect(gainOf(higher, 100, 75)).toBe(-0.25);
  });

  it('is null when it cannot be said', () => {
    expect([gainOf(lower, null, 1), gainOf(lower, 1, null), gainOf(lower, 0, 1)]).toEqual([null, null, null]);
  });

  it('is judged only when it shows', () => {
    expect([0.1, -0.1, 0.0001, null].map(judge)).toEqual(['better', 'worse', '', '']);
  });
});

describe('figures in text', () => {
  it('carry their unit', () => {
    expect(figure(61e6, 'ns')).toBe('61 ms');
    expect(figure(1234, 'per_s')).toBe('1,234/s');
    expect(figure(0.5, 'share')).toBe('50 %');
    expect(figure(0.972, 'ratio')).toBe('0.972');
    expect([figure(null, 'ns'), figure(undefined, 'ns'), figure(Number.NaN, 'ns')]).toEqual(['–', '–', '–']);
    expect(tickLabel(0, 'ns')).toBe('0');
  });

  it('sign per cent with a minus sign, and zero not at all', () => {
    expect([-0.334, 0.2, 0, 25].map(signedPercent)).toEqual(['−33.4 %', '+20 %', '0 %', '+2,500 %']);
  });

  it('say how much of an endless text is left out', () => {
    expect(clip('x'.repeat(5000), 100)).toBe(`${'x'.repeat(100)} … (4,900 more characters in result.json)`);
  });
});

describe('metricFromName', () => {
  it('reads unit and direction from the name', () => {
    expect(metricFromName('wakeup_p999_ns')).toMatchObject({ unit: 'ns', direction: 'lower' });
    expect(metricFromName('throughput_per_s')).toMatchObject({ unit: 'per_s', direction: 'higher' });
    expect(metricFromName('idle_share')).toMatchObject({ unit: 'share', direction: 'none' });
    expect(metricFromName('cpu_time_ns')).toMatchObject({ unit: 'ns', direction: 'none' });
    expect(metricFromName('errors')).toMatchObject({ unit: 'count', direction: 'none' });
  });
});
