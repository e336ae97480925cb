import { prng } from '../../tuners/prng.js';
import type { ArchiveView, Candidate, Proposer, Tried } from '../types.js';
import { genesCandidate, genomeOf } from './candidate.js';
import { canonicalGenome, crossover, type Dice, mutate, pick, randomGenome, sameGenome } from './genome.js';
import { LANDMARKS } from './landmarks.js';
import type { Genome } from './table.js';

const ISLANDS = 3;
/** Of an island; the worst go. */
const POPULATION = 8;
/** Generations between two visits of an island's best to the next one. */
const VISIT_EVERY = 4;
/** How a child is made; what is left is a random newcomer. */
const FROM_ARCHIVE = 0.2;
const FROM_ISLAND = 0.75;
const CROSSED = 0.35;
/** Out of so many the best becomes a parent. */
const DRAWN = 3;

interface Parent {
  readonly id: string;
  readonly genome: Genome;
  readonly merit: number;
}

const parentOf = ({ candidate, merit }: Tried): Parent[] => {
  const genome = genomeOf(candidate);
  return genome === null || merit === null ? [] : [{ id: candidate.id, genome, merit }];
};

/**
 * Evolves genomes on islands that rarely meet, so that not all look like the first good one. A child has its parents on
 * its island, or among the archive's elites, which keeps what behaves unlike the rest in play. The first generation holds
 * the shapes that schedulers are known to have.
 */
export class GenesProposer implements Proposer {
  readonly name = 'genes';
  private readonly islands: Parent[][] = Array.from({ length: ISLANDS }, () => []);
  private generation = 0;

  constructor(
    private readonly source: string,
    private readonly seed: number,
  ) {}

  async propose(n: number, archive: ArchiveView): Promise<readonly Candidate[]> {
    const dice = prng(this.seed, this.generation);
    const known = new Set(archive.tried.map(({ candidate }) => candidate.id));
    const elites = archive.elites.flatMap(parentOf);
    const children: Candidate[] = [];
    const first = this.generation === 0 ? LANDMARKS : [];
    for (let attempt = 0; children.length < n && attempt < 50 * n; attempt++) {
      const island = this.islands[children.length % ISLANDS] as Parent[];
      const landmark = first[attempt];
      const child = landmark ? genesCandidate(this.source, landmark) : this.child(island, elites, dice);
      if (known.has(child.id)) continue;
      known.add(child.id);
      children.push(child);
    }
    return children;
  }

  /** Those of others count as parents if genes made them. */
  tell(generation: readonly Tried[]): void {
    for (const [index, tried] of generation.entries())
      this.islands[index % ISLANDS]?.push(...parentOf(tried));
    this.generation++;
    for (const island of this.islands) {
      island.sort((a, b) => b.merit - a.merit);
      island.splice(POPULATION);
    }
    if (this.generation % VISIT_EVERY === 0) this.visit();
  }

  private visit(): void {
    const best = this.islands.map(([first]) => first);
    for (const [index, visitor] of best.entries()) {
      const island = this.islands[(index + 1) % ISLANDS] as Parent[];
      if (visitor && !island.some(({ genome }) => sameGenome(genome, visitor.genome))) island.push(visitor);
    }
  }

  private child(island: readonly Parent[], elites: readonly Parent[], dice: Dice): Candidate {
    const lot = dice();
    const home =
      lot < FROM_ARCHIVE && elites.length > 0 ? elites : lot < FROM_ARCHIVE + FROM_ISLAND ? island : [];
    if (home.length === 0) return genesCandidate(this.source, randomGenome(dice));
    const parents = [winner(home, dice), ...(dice() < CROSSED ? [winner(island, dice)] : [])].filter(
      (parent) => parent !== undefined,
    );
    const [one, other] = parents as [Parent, Parent?];
    const crossed = other ? crossover(one.genome, other.genome, dice) : canonicalGenome(one.genome);
    const ids = [...new Set(parents.map(({ id }) => id))];
    return genesCandidate(this.source, mutate(crossed, dice), ids);
  }
}

/** The best of some drawn by lot. */
function winner(from: readonly Parent[], dice: Dice): Parent | undefined {
  const drawn = from.length === 0 ? [] : Array.from({ length: DRAWN }, () => pick(from, dice));
  return drawn.sort((a, b) => b.merit - a.merit)[0];
}
