import { describe, expect, it } from 'vitest';
import { leftOf, parseBudget } from '../../src/synthesis/budget.js';
import { parseGoal } from '../../src/synthesis/goal.js';
import { workloadByName } from '../../src/workloads/index.js';

const mixed = workloadByName('mixed');
const wakeup = workloadByName('wakeup');

describe('a goal', () => {
  it('without words is the workload’s own', () => {
    const goal = parseGoal(mixed);
    expect(goal.objective.metric).toBe('wakeup_p99_ns');
    expect(goal.guardrails).toEqual(mixed.guardrails);
  });

  it('names an objective and replaces the guardrail of what it keeps', () => {
    const goal = parseGoal(mixed, 'lower p99, keep throughput within 3 %');
    expect(goal.objective).toMatchObject({ metric: 'wakeup_p99_ns', direction: 'lower' });
    expect(goal.guardrails).toEqual([
      {
        metric: 'throughput_per_s',
        rule: 'at least × default',
        value: 0.97,
        why: 'the goal keeps it within 3 %',
      },
    ]);
  });

  it.each([
    ['mixed', 'lower latency', 'wakeup_p99_ns'],
    ['mixed', 'Reduce the median latency', 'wakeup_p50_ns'],
    ['wakeup', 'minimise request p99', 'request_p99_ns'],
    ['wakeup', 'cut wakeup p99.9 latency', 'wakeup_p999_ns'],
    ['hackbench', 'lower p99', 'round_p99_ns'],
    ['hackbench', 'lower runq latency p99', 'runq_latency_p99_ns'],
    ['mixed', 'raise throughput', 'throughput_per_s'],
    ['mixed', 'maximize fairness', 'fairness_jain'],
    ['wakeup', 'lower wakeup_max_ns', 'wakeup_max_ns'],
  ])('of %s: understands "%s"', (workload, text, metric) => {
    expect(parseGoal(workloadByName(workload), text).objective.metric).toBe(metric);
  });

  it('keeps what is better when lower from rising', () => {
    const { guardrails } = parseGoal(
      wakeup,
      'raise throughput and keep p99 within 5 %; keep mean within 10%',
    );
    expect(guardrails.filter(({ why }) => why.includes('goal'))).toMatchObject([
      { metric: 'wakeup_p99_ns', rule: 'at most × default', value: 1.05 },
      { metric: 'wakeup_mean_ns', rule: 'at most × default', value: 1.1 },
    ]);
  });

  it.each([
    ['make it nice', 'is not understood'],
    ['lower p99, lower p50', 'second thing'],
    ['lower throughput', 'better when it is higher'],
    ['raise p99', 'better when it is lower'],
    ['lower bogomips', 'no metric'],
    ['keep throughput', 'is not understood'],
    ['keep throughput within 100 %', 'is no limit'],
    ['', 'says nothing'],
    [' , ', 'says nothing'],
    ['lower switches_per_s', 'neither way'],
  ])('refuses "%s" and says how', (text, rule) => {
    expect(() => parseGoal(mixed, text)).toThrow(rule);
  });

  it('takes --objective unless the sentence says another', () => {
    expect(parseGoal(mixed, undefined, 'wakeup_p50_ns').objective.metric).toBe('wakeup_p50_ns');
    expect(parseGoal(mixed, 'keep throughput within 3 %', 'wakeup_p50_ns').objective.metric).toBe(
      'wakeup_p50_ns',
    );
    expect(() => parseGoal(mixed, 'lower p99', 'wakeup_p50_ns')).toThrow('--objective');
  });
});

describe('a budget', () => {
  it.each([
    ['5m', { wallMs: 300_000 }],
    ['200 candidates', { candidates: 200 }],
    ['candidates=200', { candidates: 200 }],
    ['1.5h, 1 candidate', { wallMs: 5_400_000, candidates: 1 }],
    [
      '5m,tokens=1M,usd=0.5,usd/day=2',
      { wallMs: 300_000, model: { run: { tokens: 1e6, usd: 0.5 }, day: { usd: 2 } } },
    ],
  ])('reads %s', (text, expected) => {
    expect(parseBudget(text)).toEqual({ model: { run: {}, day: {} }, ...expected });
  });

  it.each(['', 'soon', '0 candidates', '0s', '5 parsecs', 'tokens=many', 'dollars=3', '5m,,6m'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseBudget(text)).toThrow('--budget');
    },
  );

  it('goes on with what was left', () => {
    const limits = { run: { calls: 10, tokens: 1000 }, day: { usd: 1 } };
    expect(leftOf(limits, { calls: 3, tokens: 1500, usd: 0.2 })).toEqual({
      run: { calls: 7, tokens: 0 },
      day: { usd: 1 },
    });
  });
});
