import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findPolicy } from '../../src/policies/catalogue.js';
import { declaredTunables } from '../../src/policies/tunables.js';
import { withDefaults } from '../../src/synthesis/genes/bake.js';
import { genesCandidate, genomeOf } from '../../src/synthesis/genes/candidate.js';
import {
  canonicalGenome,
  countGenomes,
  crossover,
  genomeSchema,
  mutate,
  randomGenome,
  sameGenome,
} from '../../src/synthesis/genes/genome.js';
import { LANDMARKS } from '../../src/synthesis/genes/landmarks.js';
import { DEFAULTS, GENES, type Genome } from '../../src/synthesis/genes/table.js';
import { boundsOf } from '../../src/synthesis/genes/trim.js';
import { describeGenome } from '../../src/synthesis/genes/words.js';
import { prng } from '../../src/tuners/prng.js';

const { manifest, source: path } = findPolicy('genes');
const source = readFileSync(path, 'utf8');
const RUNS = 300;
const genomes = (seed: number): Genome[] => {
  const dice = prng(seed);
  return Array.from({ length: RUNS }, () => randomGenome(dice));
};

describe('the table of genes', () => {
  it('has the tunables of the policy, at values its manifest allows', () => {
    expect(GENES.map(({ name }) => name).sort()).toEqual(manifest.tunables.map(({ name }) => name).sort());
    for (const { name, levels } of GENES) {
      const { min, max } = manifest.tunables.find((tunable) => tunable.name === name) as never;
      expect([name, Math.min(...levels) >= min, Math.max(...levels) <= max]).toEqual([name, true, true]);
      expect(levels).toContain(DEFAULTS[name]);
      expect([...levels].sort((a, b) => a - b)).toEqual(levels);
    }
  });

  it('has the defaults of the source', () => {
    const declared = declaredTunables(source).map(({ name, value }) => [name, value]);
    expect(Object.fromEntries(declared)).toEqual(DEFAULTS);
  });

  it('has genes that depend only on those before them', () => {
    for (const [index, { counts }] of GENES.entries()) {
      const asked: string[] = [];
      const get = (of: Genome, name: string): number | undefined => {
        asked.push(name);
        return of[name];
      };
      counts?.(new Proxy(DEFAULTS, { get }));
      const before = GENES.slice(0, index).map(({ name }) => name);
      expect(before).toEqual(expect.arrayContaining(asked));
    }
  });

  it('makes more than ten thousand policies', () => {
    expect(countGenomes()).toBeGreaterThan(10_000);
  });
});

describe('genomes', () => {
  it('are canonical, valid and told in words whatever is done to them', () => {
    const dice = prng(2);
    for (const genome of genomes(1)) {
      const other = randomGenome(dice);
      const children = [mutate(genome, dice), crossover(genome, other, dice)];
      for (const child of [genome, ...children]) {
        expect(canonicalGenome(child)).toEqual(child);
        expect(genomeSchema.parse(child)).toEqual(child);
        expect(describeGenome(child)).not.toMatch(/undefined|NaN|–/);
      }
    }
  });

  it('are the same when only genes differ that change nothing', () => {
    const dice = prng(3);
    for (const genome of genomes(4))
      for (const { name, levels, counts } of GENES) {
        if (counts === undefined || counts(genome)) continue;
        const other = { ...genome, [name]: levels[Math.floor(dice() * levels.length)] as number };
        expect(canonicalGenome(other)).toEqual(genome);
        expect(genesCandidate(source, other).id).toBe(genesCandidate(source, genome).id);
      }
  });

  it('change when they mutate, and a cross has nothing that neither parent has', () => {
    const dice = prng(5);
    for (const genome of genomes(6)) {
      expect(sameGenome(mutate(genome, dice), genome)).toBe(false);
      const other = randomGenome(dice);
      const child = crossover(genome, other, dice);
      for (const { name } of GENES)
        expect([genome[name], other[name], DEFAULTS[name], 1]).toContain(child[name]);
    }
  });

  it('that differ are described differently where they differ in more than a quantity', () => {
    const words = new Set(LANDMARKS.map(describeGenome));
    expect(words.size).toBe(LANDMARKS.length);
  });

  it('come back from a candidate, and only from one of genes', () => {
    const genome = randomGenome(prng(7));
    const candidate = genesCandidate(source, genome, ['a']);
    expect(genomeOf(candidate)).toEqual(genome);
    expect(candidate.parents).toEqual(['a']);
    expect(genomeOf({ ...candidate, by: 'model' })).toBeNull();
  });
});

describe('a candidate’s source', () => {
  const callbacksOf = (genome: Partial<Genome>): string[] => {
    const { source: text } = genesCandidate(source, { ...DEFAULTS, ...genome } as Genome);
    const inTable = [...text.matchAll(/\.(\w+) = \(void \*\)genes_/g)].map(([, name]) => name as string);
    const defined = [...text.matchAll(/BPF_STRUCT_OPS(?:_SLEEPABLE)?\(genes_(\w+)/g)].map(([, name]) => name);
    for (const name of inTable)
      if (!/^(?:exit|cpu_online|cpu_offline)$/.test(name)) expect(defined).toContain(name);
    return inTable.filter((name) => /^(?:runn|stopping|init_task|enable)/.test(name));
  };

  it('has no callbacks that have nothing to do', () => {
    expect(callbacksOf({ time_base: 0 })).toEqual([]);
    expect(callbacksOf({ time_base: 0, wakes: 2, lead_by: 1 })).toEqual(['running']);
    expect(callbacksOf({ time_base: 0, slice_by: 3 })).toEqual([
      'running',
      'stopping',
      'init_task',
      'enable',
    ]);
    expect(callbacksOf({})).toEqual(['running', 'stopping', 'init_task', 'enable']);
    expect(callbacksOf({ time_base: 0, lead_by: 2 })).toContain('runnable');
  });

  it('leaves the kernel’s own queue to the kernel, and no helper without use behind', () => {
    const textOf = (genome: Partial<Genome>): string =>
      genesCandidate(source, { ...DEFAULTS, ...genome } as Genome).source;
    const fifo = textOf({ time_base: 0 });
    expect(fifo).not.toMatch(/dispatch|serve_last|\btake\(/);
    expect(fifo).toContain('static u32 queue_of_task(');
    const asked = [
      { keep_local: 1 },
      { wakes: 3 },
      { slice_by: 1 },
      { batch: 2 },
      { place_by: 3 },
      { queue_cpus: 1 },
      { lead_by: 1 },
    ];
    for (const genome of [{}, ...asked.map((one) => ({ time_base: 0, ...one }))])
      for (const part of ['(genes_dispatch,', 'bool serve_last(', 'bool take('])
        expect(textOf(genome)).toContain(part);
  });

  it('is right for every gene within its bounds, and for those that need less', () => {
    const fifo = canonicalGenome({ ...DEFAULTS, time_base: 0 });
    const bounds = Object.fromEntries(GENES.map(({ name }) => [name, boundsOf(fifo, name)]));
    expect(bounds).toMatchObject({ time_base: [0, 0], lead_by: [0, 0], batch: [1, 1], slice_by: [0, 0] });
    expect(bounds).toMatchObject({ place_by: [0, 2], wakes: [0, 1], keep_local: [0, 0] });
    expect(bounds.slice_ns).toBeUndefined();
    const counting = canonicalGenome({ ...fifo, slice_by: 1 });
    expect(boundsOf(counting, 'lead_by')).toEqual([0, 1]);
    expect(boundsOf(counting, 'slice_by')).toEqual([0, 2]);
    expect(boundsOf(canonicalGenome({ ...DEFAULTS, lead_by: 4 }), 'lead_by')).toEqual([3, 4]);
    expect(boundsOf(canonicalGenome({ ...fifo, wakes: 2, lead_by: 1 }), 'wakes')).toBeUndefined();
  });

  it('has no more than the lines of those less', () => {
    const lines = new Set(source.split('\n'));
    for (const genome of genomes(9).slice(0, 20))
      for (const line of genesCandidate(source, genome).source.split('\n')) expect(lines).toContain(line);
  });
});

describe('a baked source', () => {
  it('declares what was set, and nothing else is changed', () => {
    const genome = randomGenome(prng(8));
    const baked = withDefaults(source, genome);
    expect(Object.fromEntries(declaredTunables(baked).map(({ name, value }) => [name, value]))).toEqual(
      genome,
    );
    expect(withDefaults(baked, DEFAULTS)).toBe(source);
  });

  it('refuses what is not there', () => {
    expect(() => withDefaults(source, { slice: 1 })).toThrow(/slice.*is not in the source/);
  });
});
