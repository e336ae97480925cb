import { describe, expect, it } from 'vitest';
import { CASES, caseOf } from '../../src/bench/synthesis/cases.js';
import { BroadEvaluator } from '../../src/synthesis/broad.js';
import { searchEfforts } from '../../src/synthesis/efforts.js';
import { heldOutCases, validationCase } from '../../src/synthesis/others.js';
import { meritOf } from '../../src/synthesis/search/merit.js';
import type { Candidate, Case, Effort, Evaluator, Score } from '../../src/synthesis/types.js';
import { workloadByName } from '../../src/workloads/index.js';
import { scoreOf, triedOf } from './archive.js';

const where = caseOf('wakeup/2');
const efforts = searchEfforts(workloadByName('wakeup'));
const { candidate } = triedOf('source', 1e6);

/** Half as late as the kernel's own scheduler, on other loads so much of it as it is told; not a figure: not held. */
class Elsewhere implements Evaluator {
  readonly asked: string[] = [];

  constructor(private readonly figures: Readonly<Record<string, number | null>>) {}

  async score(one: Candidate | null, { workload }: Case, effort: Effort): Promise<Score> {
    this.asked.push(workload);
    const figure = one === null ? 1 : workload in this.figures ? this.figures[workload] : 0.5;
    return figure === null
      ? scoreOf('a', 0, { effort, value: null, dropped: 'trial/ejected' })
      : scoreOf('a', figure ?? 1, { effort });
  }
}

describe('other loads', () => {
  it.each(CASES)(
    'of %s are one that guides the search and two that are held out, none of them its own',
    (name) => {
      const one = caseOf(name);
      const [guide, out] = [validationCase(one), heldOutCases(one)];
      const names = [one, guide, ...out].map(({ workload }) => workload);
      expect([out.length, new Set(names).size]).toEqual([2, 4]);
      for (const other of [guide, ...out])
        expect([other.cpus, other.objective.metric]).toEqual([
          one.cpus,
          workloadByName(other.workload).objective,
        ]);
    },
  );

  it('are looked at from the second effort on, for candidates that hold', async () => {
    const evaluator = new Elsewhere({ hackbench: 1.1 });
    const broad = new BroadEvaluator(evaluator, efforts[0] as Effort);
    expect(await broad.score(candidate, where, efforts[0] as Effort)).not.toHaveProperty('elsewhere');
    expect(await broad.score(null, where, efforts[1] as Effort)).not.toHaveProperty('elsewhere');
    expect(new Set(evaluator.asked)).toEqual(new Set(['wakeup']));
    const { elsewhere } = await broad.score(candidate, where, efforts[1] as Effort);
    expect(elsewhere).toEqual({ hackbench: expect.closeTo(-0.1) });
    const unheld = new BroadEvaluator(new Elsewhere({ hackbench: null }), efforts[0] as Effort);
    expect(await unheld.score(candidate, where, efforts[1] as Effort)).toMatchObject({
      elsewhere: { hackbench: -1 },
    });
    const lost = new BroadEvaluator(new Elsewhere({ wakeup: null }), efforts[0] as Effort);
    expect(await lost.score(candidate, where, efforts[1] as Effort)).not.toHaveProperty('elsewhere');
  });
});

describe('merit', () => {
  const own = scoreOf('own', 2);
  const merit = (value: number, elsewhere?: Score['elsewhere']) =>
    meritOf(where, own, scoreOf('a', value, elsewhere === undefined ? {} : { elsewhere }));

  it('is the gain where nothing is lost that a winner may not lose', () => {
    expect(merit(1)).toBe(0.5);
    expect(merit(1, { forkstorm: 0.4, pgbench: -0.02 })).toBe(0.5);
    expect(meritOf(where, own, scoreOf('a', 0, { value: null }))).toBeNull();
  });

  it('falls faster than anything gained here can make up for', () => {
    expect(merit(0.2, { forkstorm: -0.52 })).toBeLessThan(0);
    expect(merit(0.2, { forkstorm: -0.42, pgbench: -0.42 })).toBeLessThan(merit(1.8) as number);
  });
});
