import { describe, expect, it } from 'vitest';
import { caseOf } from '../../src/bench/synthesis/cases.js';
import { contest } from '../../src/bench/synthesis/contest.js';
import { stockPolicies } from '../../src/synthesis/stock.js';
import { Synthetic } from './synthetic.js';

const where = caseOf('mixed/4');
const stock = stockPolicies();
const nameOf = (id: string): string => stock.find(({ candidate }) => candidate.id === id)?.name ?? 'search';

/** Figures by name; what is searched for has 500 ns, the other policies of the repository 900. */
async function contestWith(figures: Readonly<Record<string, number>>) {
  const notes: string[] = [];
  const evaluator = new Synthetic(({ id }) => figures[nameOf(id)] ?? (nameOf(id) === 'search' ? 500 : 900));
  const options = { candidates: 16, seeds: 5, seed: 1, note: (text: string) => notes.push(text) };
  return { ...(await contest(evaluator, where, options)), notes };
}

describe('a case of the bench', () => {
  it('sets what people wrote apart from what searches found before', async () => {
    const { own, written, shipped, genes } = await contestWith({ edf: 600, fresh: 400 });
    expect([own.value, written?.name, written?.score.value]).toEqual([1000, 'edf', 600]);
    expect([shipped?.name, shipped?.score.value]).toEqual(['fresh', 400]);
    expect(genes?.score).toMatchObject({ value: 500, values: [500, 500, 500, 500, 500] });
  });

  it('hears the best of the search until one wins, and else names the best of them', async () => {
    const heard = (notes: readonly string[]) => notes.filter((note) => /^referee: [0-9a-f]{16} /.test(note));
    expect(heard((await contestWith({ edf: 600 })).notes)).toHaveLength(1);
    const lost = await contestWith({ edf: 300 });
    expect(heard(lost.notes).length).toBeGreaterThan(1);
    expect(lost.genes?.score.value).toBe(500);
  });
});
