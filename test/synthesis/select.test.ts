import { describe, expect, it } from 'vitest';
import {
  beatsOutsideSpread,
  type Contender,
  type Finalist,
  HELD_OUT_LOSS,
  LEAST_SEEDS,
  select,
} from '../../src/synthesis/select.js';
import type { Score } from '../../src/synthesis/types.js';
import { prng } from '../../src/tuners/prng.js';
import type { Objective } from '../../src/tuners/types.js';

const LOWER: Objective = { metric: 'p99', direction: 'lower', unit: 'ns' };
const HIGHER: Objective = { metric: 'work', direction: 'higher', unit: 'per_s' };

function score(values: readonly (number | null)[], dropped?: string): Score {
  const there = values.filter((value) => value !== null);
  const mean = there.length < values.length ? null : there.reduce((a, b) => a + b, 0) / there.length;
  return {
    candidate: 'x',
    effort: { rigour: 'referee', windowNs: 1, seeds: values.map((_, i) => i) },
    value: dropped === undefined ? mean : null,
    values,
    metrics: {},
    keys: [],
    ...(dropped === undefined ? {} : { dropped }),
  };
}
const flat = (value: number): Score => score(Array.from({ length: 5 }, (_, i) => value + i / 10));
const contender = (name: string, value: number): Contender => ({ name, score: flat(value) });
const held = (workload: string, own: number, its: number) => ({
  ...{ workload, objective: LOWER },
  ...{ own: flat(own), score: flat(its) },
});
const finalist = (name: string, value: number, more: Partial<Finalist> = {}): Finalist => ({
  ...contender(name, value),
  ...{ rejected: [], heldOut: [held('a', 100, 100), held('b', 100, 100)] },
  ...more,
});
const EEVDF = contender('EEVDF', 100);

describe('a selection', () => {
  it('is the first finalist that beats all, keeps within limits and loses nothing elsewhere', () => {
    const chosen = select(LOWER, EEVDF, [contender('fifo', 80)], [finalist('a', 70), finalist('b', 60)]);
    expect(chosen).toMatchObject({ decision: 'synthesized', policy: 'b', reference: 'fifo' });
    expect(chosen.objections).toEqual({ a: [], b: [] });
  });

  it('is a repository policy where nothing beats it', () => {
    const chosen = select(LOWER, EEVDF, [contender('fifo', 80), contender('edf', 90)], [finalist('a', 85)]);
    expect(chosen).toMatchObject({ decision: 'repository', policy: 'fifo', reference: 'fifo' });
    expect(chosen.objections.a).toEqual(['it does not beat fifo by more than the spread of the seeds']);
  });

  it('is EEVDF where nothing beats it by more than the spread', () => {
    const near = contender('fifo', 99.9);
    const chosen = select(LOWER, EEVDF, [near], [finalist('a', 100.2)]);
    expect(chosen).toMatchObject({ decision: 'eevdf', policy: null });
    expect(select(LOWER, EEVDF, [], [])).toMatchObject({ decision: 'eevdf', reference: 'EEVDF' });
  });

  it('counts a repository policy that broke a guardrail for nothing', () => {
    const broken = { name: 'fifo', score: score([1, 1, 1, 1, 1], 'guardrail: throughput') };
    const chosen = select(LOWER, EEVDF, [broken], [finalist('a', 70)]);
    expect(chosen).toMatchObject({ decision: 'synthesized', reference: 'EEVDF' });
  });

  it.each<[string, Partial<Finalist>, string]>([
    ['a guardrail', { score: score([1, 1, 1, 1, 1], 'guardrail: throughput') }, 'guardrail: throughput'],
    ['too few seeds', { score: score([1, 1, 1, 1]) }, `not measured over ${LEAST_SEEDS} seeds`],
    ['a window without a figure', { score: score([1, 1, null, 1, 1]) }, 'seeds'],
    ['a probe', { rejected: ['starved [trial/stall]'] }, 'starved [trial/stall]'],
    ['no held-out workload', { heldOut: [] }, 'two workloads it never saw'],
    ['a loss elsewhere', { heldOut: [held('a', 100, 100), held('b', 100, 103)] }, '% worse than EEVDF on b'],
    [
      'being ejected elsewhere',
      { heldOut: [held('a', 100, 100), { ...held('b', 1, 1), score: score([1], 'trial/ejected') }] },
      'trial/ejected',
    ],
  ])('has against a finalist: %s', (_, more, says) => {
    const chosen = select(LOWER, EEVDF, [], [finalist('a', 50, more)]);
    expect(chosen).toMatchObject({ decision: 'eevdf', policy: null });
    expect(chosen.objections.a?.join()).toContain(says);
  });

  it('knows the other direction', () => {
    expect(select(HIGHER, EEVDF, [contender('fifo', 120)], [finalist('a', 130)]).policy).toBe('a');
    expect(select(HIGHER, EEVDF, [contender('fifo', 120)], [finalist('a', 110)]).policy).toBe('fifo');
  });
});

/** Random cases: whatever is chosen must be what the rules say, and the rules are checked apart from the code. */
describe('whatever is measured', () => {
  const next = prng(7);
  const value = () => 50 + Math.floor(next() * 60);
  const random = (): Score =>
    next() < 0.1
      ? score([1, 1, 1, 1, 1], 'trial/ejected')
      : score(
          Array.from({ length: next() < 0.1 ? 4 : 5 }, () => (next() < 0.02 ? null : value() + next() * 8)),
        );
  const cases = Array.from({ length: 2000 }, () => ({
    objective: next() < 0.5 ? LOWER : HIGHER,
    own: { name: 'EEVDF', score: score(Array.from({ length: 5 }, value)) },
    repository: Array.from({ length: Math.floor(next() * 4) }, (_, i) => ({
      name: `r${i}`,
      score: random(),
    })),
    finalists: Array.from({ length: Math.floor(next() * 4) }, (_, i) => ({
      ...{ name: `f${i}`, score: random(), rejected: next() < 0.2 ? ['probe'] : [] },
      heldOut: next() < 0.2 ? [] : [held('a', 100, 95 + next() * 9), held('b', 100, 95 + next() * 9)],
    })),
  }));
  const chosen = cases.map((one) => ({
    ...one,
    ...select(one.objective, one.own, one.repository, one.finalists),
  }));

  it('all three answers occur', () => {
    const counts = new Set(chosen.map(({ decision }) => decision));
    expect([...counts].sort()).toEqual(['eevdf', 'repository', 'synthesized']);
  });

  it('a winner is better in every seed than all that held, and within the loss elsewhere', () => {
    const winners = chosen.filter(({ decision }) => decision === 'synthesized');
    for (const { objective, own, repository, finalists, policy } of winners) {
      const winner = finalists.find(({ name }) => name === policy) as Finalist;
      const sign = objective.direction === 'lower' ? 1 : -1;
      const worst = Math.max(...winner.score.values.map((one) => sign * (one as number)));
      const rivals = [own, ...repository].filter(
        ({ score: one }) => one.value !== null && one.values.length >= 5,
      );
      const best = rivals.sort((a, b) => sign * ((a.score.value as number) - (b.score.value as number)))[0];
      for (const rival of [own, best as Contender])
        expect(Math.min(...rival.score.values.map((one) => sign * (one as number)))).toBeGreaterThan(worst);
      expect(winner.rejected).toEqual([]);
      expect(winner.heldOut).toHaveLength(2);
      for (const one of winner.heldOut)
        expect(one.score.value as number).toBeLessThanOrEqual(
          (1 + HELD_OUT_LOSS) * (one.own.value as number),
        );
    }
  });

  it('a better winner is never overlooked, and every finalist without the title has an objection', () => {
    for (const { decision, policy, finalists, objections } of chosen) {
      if (decision !== 'synthesized')
        for (const { name } of finalists) expect(objections[name]).not.toEqual([]);
      else expect(objections[policy as string]).toEqual([]);
    }
  });

  it('nothing beats itself, and of two at most one beats the other', () => {
    for (const { objective, own, finalists } of chosen)
      for (const { score: one } of finalists) {
        expect(beatsOutsideSpread(objective, one, one)).toBe(false);
        const both = [
          beatsOutsideSpread(objective, one, own.score),
          beatsOutsideSpread(objective, own.score, one),
        ];
        expect(both.filter(Boolean).length).toBeLessThan(2);
      }
  });
});
