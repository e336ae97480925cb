import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { caseOf } from '../../src/bench/synthesis/cases.js';
import { policyNames } from '../../src/policies/catalogue.js';
import { sweepEfforts } from '../../src/synthesis/efforts.js';
import {
  heldOf,
  isSynthesized,
  rivalsIn,
  rivalsOf,
  stockPolicies,
  sweep,
} from '../../src/synthesis/stock.js';
import { type Candidate, type Case, type Effort, type Score, unmeasured } from '../../src/synthesis/types.js';
import { workloadByName } from '../../src/workloads/index.js';
import { scoreOf } from './archive.js';

const where = caseOf('wakeup/2');
const stock = stockPolicies();
const efforts = sweepEfforts(workloadByName('wakeup'));

/** The n-th policy has n ms, and one that is told does not hold over several seeds. */
const evaluator = (dropped?: string) => ({
  asked: [] as string[],
  async score(one: Candidate | null, _: Case, effort: Effort) {
    const at = stock.findIndex(({ candidate }) => candidate.id === one?.id);
    this.asked.push(`${stock[at]?.name} ${effort.seeds.length}`);
    if (effort.seeds.length > 1 && at >= 0 && stock[at]?.name === dropped)
      return scoreOf('a', 0, { effort, value: null, values: [], dropped: 'trial/ejected' });
    return scoreOf('a', one === null ? 10e6 : (at + 1) * 1e6, { effort });
  },
});

describe('the stock', () => {
  it('is every policy of the repository, genes and what searches found among them', () => {
    expect(stock.map(({ name }) => name)).toEqual(policyNames());
    for (const name of ['edf', 'genes', 'fresh', 'nearby', 'prompt']) expect(policyNames()).toContain(name);
  });

  it('is without what this very search found, and with it for any other search', () => {
    const { stock: all, before } = rivalsOf(where, 1);
    const found = (...args: Parameters<typeof rivalsOf>) => rivalsOf(...args).before.map(({ name }) => name);
    expect(before.map(({ name }) => name)).toEqual(['fresh']);
    expect(all.map(({ name }) => name)).toEqual(policyNames().filter((name) => name !== 'fresh'));
    expect(found(caseOf('mixed/2'), 1)).toEqual(['nearby']);
    expect(found(where, 2)).toEqual(['prompt']);
    const others: [Case, number][] = [
      [where, 3],
      [caseOf('wakeup/4'), 1],
      [caseOf('hackbench/2'), 1],
      [{ ...where, parameters: { workers: 9 } }, 1],
      [{ ...where, objective: { ...where.objective, metric: 'request_p99_ns' } }, 1],
    ];
    for (const [other, seed] of others) expect(rivalsOf(other, seed)).toEqual({ stock, before: [] });
  });

  it('knows what a search found', () => {
    const dir = mkdtempSync(join(tmpdir(), 'tunesmith-stock-'));
    expect(isSynthesized(dir)).toBe(false);
    writeFileSync(join(dir, 'lineage.json'), '{}');
    expect(isSynthesized(dir)).toBe(true);
    rmSync(dir, { recursive: true });
  });
});

describe('the sweep', () => {
  it('measures all once, the best over several seeds, and ranks them', async () => {
    const lab = evaluator();
    const swept = await sweep(stock, lab, where, efforts);
    expect(swept.map((one) => one.stock.name)).toEqual(stock.map(({ name }) => name));
    expect(swept[0]).toMatchObject({ gain: 0.9 });
    const often = lab.asked.filter((asked) => asked.endsWith(' 3'));
    expect(often).toEqual(['undefined 3', ...stock.slice(0, 5).map(({ name }) => `${name} 3`)]);
  });

  it('puts one that does not hold over several seeds behind those that do', async () => {
    const [first, second] = stock.map(({ name }) => name) as [string, string];
    const swept = await sweep(stock, evaluator(first), where, efforts);
    expect(swept[0]?.stock.name).toBe(second);
    expect(heldOf(swept).map((one) => one.stock.name)).not.toContain(first);
  });
});

it('a sweep drops nobody whom this machine did not get measured, and says who', async () => {
  const [first, second, third] = stock.map(({ name }) => name) as [string, string, string];
  const lab = evaluator();
  const missing = (name: string | undefined, seeds: number) =>
    (name === first && seeds === 1) || (name === second && seeds > 1);
  const score = async (one: Candidate | null, at: Case, effort: Effort): Promise<Score> => {
    const name = stock.find(({ candidate }) => candidate.id === one?.id)?.name;
    return missing(name, effort.seeds.length)
      ? unmeasured('a', effort, 'the lab failed')
      : lab.score(one, at, effort);
  };
  const swept = await sweep(stock, { score }, where, efforts);
  // The second keeps what one window said and is the best; the first has no figure, and no verdict either.
  expect(swept[0]).toMatchObject({ stock: { name: second }, gain: 0.8, unmeasured: 'the lab failed' });
  expect(swept[1]).toMatchObject({ stock: { name: third }, gain: 0.7 });
  expect(swept.find((one) => one.stock.name === first)).toMatchObject({
    ...{ gain: null, unmeasured: 'the lab failed' },
    score: expect.not.objectContaining({ dropped: expect.anything() }),
  });
});

describe('rivals', () => {
  const swept = (...values: (readonly number[] | null)[]) =>
    values.map((list, i) => ({
      stock: stock[i] as (typeof stock)[number],
      score: scoreOf('a', 1, list === null ? { value: null, values: [] } : { values: list }),
      gain: list === null ? null : 0.5,
    }));
  const names = (...values: (readonly number[] | null)[]) =>
    rivalsIn(where, swept(...values)).map((one) => stock.indexOf(one.stock));

  it('are the best two, and a third whose seeds reach into those of the best', () => {
    expect(names([1, 3, 2], [4, 4, 4], [3.1, 3.2, 3.3])).toEqual([0, 1]);
    expect(names([1, 3, 2], null, [4, 4, 4], [3, 9, 9], [2, 2, 2])).toEqual([0, 2, 3]);
    expect(names(null)).toEqual([]);
  });

  it('go by the direction of the objective', () => {
    const storm = { ...where, ...caseOf('forkstorm/2') };
    const third = (...values: number[]) => rivalsIn(storm, swept([7, 9, 8], [6, 6, 6], values)).length;
    expect([third(7.1, 6, 6), third(6.9, 6, 6)]).toEqual([3, 2]);
  });
});
