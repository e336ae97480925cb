import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { candidateOf } from '../../src/synthesis/candidate.js';
import { genesCandidate, genomeOf } from '../../src/synthesis/genes/candidate.js';
import { randomGenome } from '../../src/synthesis/genes/genome.js';
import { GenesProposer } from '../../src/synthesis/genes/proposer.js';
import type { Genome } from '../../src/synthesis/genes/table.js';
import { elitesOf } from '../../src/synthesis/search/entries.js';
import { promoted } from '../../src/synthesis/search/halving.js';
import { elapsedIn } from '../../src/synthesis/search/journal.js';
import { search } from '../../src/synthesis/search/search.js';
import type { SearchOptions, SearchOutcome } from '../../src/synthesis/search/types.js';
import type { Candidate, Proposer, Score, Tried } from '../../src/synthesis/types.js';
import { prng } from '../../src/tuners/prng.js';
import { CASE, effort, OWN, Synthetic } from './synthetic.js';

const distance = ({ tunables }: Candidate, hidden: Genome): number =>
  Object.keys(hidden).filter((name) => tunables[name] !== hidden[name]).length;
/** How far from a genome that the search is not told. */
const figureFor =
  (hidden: Genome) =>
  (candidate: Candidate): number | string =>
    candidate.tunables.queue_cpus === 2
      ? 'trial/ejected: it stalls'
      : 200 + 100 * distance(candidate, hidden);
const HIDDEN = [...Array(8).keys()]
  .map((seed) => randomGenome(prng(42, seed)))
  .filter(({ queue_cpus }) => queue_cpus !== 2);
const figure = figureFor(HIDDEN[0] as Genome);

const options = (evaluator: Synthetic, more: Partial<SearchOptions> = {}): SearchOptions => ({
  where: CASE,
  evaluator,
  proposers: [new GenesProposer('source', 7)],
  seed: 7,
  budget: { candidates: 200 },
  efforts: [effort(1), effort(2, [1, 2]), effort(3, [1, 2, 3])],
  ...more,
});
const plain = ({ progress, ...rest }: SearchOutcome) => ({
  ...rest,
  progress: progress.map(({ elapsedMs, ...one }) => one),
});

const dirs: string[] = [];
const journal = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'tunesmith-search-'));
  dirs.push(dir);
  return join(dir, 'search.jsonl');
};
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true });
});

describe('a search over genes', () => {
  it('finds what nobody told it, better than as many at random', async () => {
    const gains = { found: 0, begun: 0, random: 0 };
    for (const hidden of HIDDEN) {
      const { finalists, tried, ended } = await search(options(new Synthetic(figureFor(hidden))));
      expect(ended).toBe('candidates');
      expect(tried).toHaveLength(200);
      const proposers = [randomly(prng(1))];
      const random = await search(options(new Synthetic(figureFor(hidden)), { proposers }));
      const begun = Math.max(...tried.slice(0, 16).map(({ gain }) => gain ?? 0));
      expect(finalists[0]?.gain).toBeGreaterThanOrEqual(begun);
      gains.found += finalists[0]?.gain ?? 0;
      gains.begun += begun;
      gains.random += random.finalists[0]?.gain ?? 1;
    }
    expect(gains.found - gains.random).toBeGreaterThan(0.1 * HIDDEN.length);
    expect(gains.found - gains.begun).toBeGreaterThan(0.1 * HIDDEN.length);
  });

  it('has no more wall time for being gone on with, and loses nothing it has paid for', async () => {
    const file = journal();
    const made = { journal: file, efforts: [effort(1)] };
    const slow = () => new Synthetic(figure, () => 20);
    const first = await search(options(slow(), { ...made, budget: { candidates: 64, wallMs: 70 } }));
    expect(first.ended).toBe('wall time');
    const tried = first.tried.length;
    expect(elapsedIn(file)).toBeGreaterThanOrEqual(70);
    const again = slow();
    const same = await search(options(again, { ...made, budget: { candidates: 64, wallMs: 70 } }));
    expect([same.ended, same.tried]).toEqual(['wall time', first.tried]);
    expect(again.asked).toEqual(['own 1']);
    const more = await search(options(slow(), { ...made, budget: { candidates: tried + 16, wallMs: 1e6 } }));
    expect([more.ended, more.tried.length]).toEqual(['candidates', tried + 16]);
    expect(elapsedIn(join(file, 'none'))).toBe(0);
  });

  it('is the same whichever trial ends first', async () => {
    const late = prng(3);
    const [one, other] = await Promise.all([
      search(options(new Synthetic(figure))),
      search(options(new Synthetic(figure, () => late() * 8))),
    ]);
    expect(plain(one)).toEqual(plain(other));
    const another = await search(
      options(new Synthetic(figure), { proposers: [new GenesProposer('source', 8)] }),
    );
    expect(plain(another)).not.toEqual(plain(one));
  });

  it('drops what does not hold, with the reason, and never as a parent', async () => {
    const { tried } = await search(options(new Synthetic(figure)));
    const dropped = tried.filter(({ gain }) => gain === null);
    expect(dropped.length).toBeGreaterThan(0);
    for (const { candidate, score } of dropped) {
      expect(candidate.tunables.queue_cpus).toBe(2);
      expect(score.dropped).toContain('stalls');
    }
    const ids = new Set(dropped.map(({ candidate }) => candidate.id));
    expect(tried.flatMap(({ candidate }) => candidate.parents).filter((id) => ids.has(id))).toEqual([]);
  });

  it('tries nobody twice, and only parents it has tried', async () => {
    const { tried } = await search(options(new Synthetic(figure)));
    const seen = new Set<string>();
    for (const { candidate } of tried) {
      expect(seen.has(candidate.id)).toBe(false);
      for (const parent of candidate.parents) expect(seen.has(parent)).toBe(true);
      seen.add(candidate.id);
      expect(genomeOf(candidate)).not.toBeNull();
    }
  });
});

describe('a search that is killed', () => {
  it('goes on from its journal to the same end, and measures nothing again', async () => {
    const whole = await search(options(new Synthetic(figure)));
    const path = journal();
    await search(options(new Synthetic(figure), { journal: path, budget: { candidates: 100 } }));
    const text = readFileSync(path, 'utf8');
    for (const share of [0.2, 0.5, 0.93]) {
      writeFileSync(path, text.slice(0, Math.floor(text.length * share)));
      const again = new Synthetic(figure);
      const lines = text
        .slice(0, Math.floor(text.length * share))
        .split('\n')
        .slice(1, -1);
      const scored = lines.flatMap((line) => {
        const { level, score } = JSON.parse(line) as { level?: number; score?: Score };
        return score ? [`${score.candidate} ${(level ?? 0) + 1}`] : [];
      });
      expect(scored.length).toBeGreaterThan(5);
      expect(plain(await search(options(again, { journal: path })))).toEqual(plain(whole));
      expect(again.asked.filter((one) => scored.includes(one))).toEqual([]);
    }
  });

  it('takes no journal of another search, and no damaged one', async () => {
    const path = journal();
    await search(options(new Synthetic(figure), { journal: path, budget: { candidates: 16 } }));
    const other = options(new Synthetic(figure), { journal: path, seed: 8 });
    await expect(search(other)).rejects.toThrow(/is of another search/);
    appendFileSync(path, '{"level": true}\n');
    await expect(search(options(new Synthetic(figure), { journal: path }))).rejects.toThrow(
      /is damaged in line/,
    );
  });
});

describe('a search with several proposers', () => {
  const model = (name: string, sizes: number[]): Proposer => {
    let made = 0;
    return {
      name,
      propose: async (n) =>
        Array.from({ length: Math.min(n, sizes.shift() ?? 0) }, () =>
          candidateOf({ source: `${name} ${made++}`, tunables: {}, by: 'model', parents: [], words: '' }),
        ),
      tell: () => {},
    };
  };

  it('lets them take turns, and passes over one that has nothing left', async () => {
    const { tried } = await search(
      options(new Synthetic(() => 900), {
        proposers: [new GenesProposer('source', 7), model('model', [2, 1])],
        budget: { candidates: 40 },
        generation: 5,
      }),
    );
    const order = tried.map(({ candidate }) => candidate.by).join(' ');
    expect(order.startsWith(`${'genes '.repeat(5)}model model ${'genes '.repeat(5)}model genes`)).toBe(true);
    expect(tried).toHaveLength(40);
  });

  it('ends when nobody has anything left', async () => {
    const { ended, tried } = await search(
      options(new Synthetic(() => 900), { proposers: [model('one', [3]), model('two', [])] }),
    );
    expect([ended, tried.length]).toEqual(['nothing left to try', 3]);
  });

  it('ends by the clock or the signal, between generations, with what it has', async () => {
    const slow = new Synthetic(figure, () => 5);
    const timed = await search(options(slow, { budget: { candidates: 1000, wallMs: 1 } }));
    expect([timed.ended, timed.tried.length]).toEqual(['wall time', 16]);
    expect(timed.finalists.length).toBeGreaterThan(0);
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    const stopped = await search(options(new Synthetic(figure), { signal: stop.signal, onProgress }));
    expect([stopped.ended, stopped.tried.length]).toEqual(['interrupted', 16]);
  });
});

/** Nothing but random genomes. */
function randomly(dice: () => number): Proposer {
  return {
    name: 'random',
    propose: async (n) => Array.from({ length: n }, () => genesCandidate('source', randomGenome(dice))),
    tell: () => {},
  };
}

describe('successive halving', () => {
  const entry = (id: string, ...values: (number | null)[]) => ({
    candidate: { ...candidateOf({ source: id, tunables: {}, by: 'model', parents: [], words: '' }), id },
    scores: values.map((value) => ({ ...own, candidate: id, value })),
  });
  const own: Score = {
    candidate: 'own',
    effort: effort(1),
    value: OWN,
    values: [OWN],
    metrics: {},
    keys: [],
  };
  const ids = (entries: readonly { candidate: Candidate }[]) => entries.map(({ candidate }) => candidate.id);

  it('lets the best quarter of all so far go on, once', () => {
    const entries = [
      entry('a', 500, 510),
      entry('b', 700),
      entry('c', null),
      entry('d', 400),
      entry('e', 900),
    ];
    expect(ids(promoted(entries, 0, own, CASE))).toEqual(['d']);
    const more = [...entries, entry('f', 950), entry('g', 960), entry('h', 970), entry('i', 300)];
    expect(ids(promoted(more, 0, own, CASE))).toEqual(['i', 'd']);
    expect(ids(promoted(more, 1, own, CASE))).toEqual([]);
  });

  it('lets so many go on as are asked for at the end, and never a dropped one', () => {
    const entries = [entry('a', 500), entry('b', null), entry('c', 600)];
    expect(ids(promoted(entries, 0, own, CASE, 3))).toEqual(['a', 'c']);
  });
});

describe('the archive', () => {
  const tried = (id: string, merit: number | null, cell: string | null) =>
    ({ candidate: { id }, gain: 0, merit, cell }) as unknown as Tried;

  it('keeps the best of each cell, best first, the earlier of equals', () => {
    const all = [tried('a', 0.1, 'x'), tried('b', 0.3, 'x'), tried('c', 0.2, 'y'), tried('d', 0.3, 'x')];
    expect(elitesOf([...all, tried('e', null, null)]).map(({ candidate }) => candidate.id)).toEqual([
      'b',
      'c',
    ]);
  });
});
