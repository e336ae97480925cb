import { z } from 'zod';
import { DEFAULTS, GENES, type Gene, type Genome, withoutVainInterrupts } from './table.js';

/** Numbers in [0, 1). */
export type Dice = () => number;

/** A genome as it comes from a file or a model: every gene, each at one of its levels. */
export const genomeSchema: z.ZodType<Genome> = z.strictObject(
  Object.fromEntries(
    GENES.map(({ name, levels }) => [name, z.number().refine((value) => levels.includes(value))]),
  ),
);

const levelOf = (genome: Genome, name: string): number => genome[name] ?? (DEFAULTS[name] as number);
/** One of them, by lot. */
export const pick = <T>(items: readonly T[], dice: Dice): T => items[Math.floor(dice() * items.length)] as T;

/** The same policy always has the same genome: genes that change nothing are at their default. */
export function canonicalGenome(genome: Genome): Genome {
  const whole = Object.fromEntries(GENES.map(({ name }) => [name, levelOf(genome, name)]));
  const choices = withoutVainInterrupts(whole);
  return Object.fromEntries(
    GENES.map(({ name, counts }) => [
      name,
      counts === undefined || counts(choices) ? levelOf(choices, name) : levelOf(DEFAULTS, name),
    ]),
  );
}

/** Any genome, all levels alike likely. */
export const randomGenome = (dice: Dice): Genome =>
  canonicalGenome(Object.fromEntries(GENES.map(({ name, levels }) => [name, pick(levels, dice)])));

function moved({ levels, kind }: Gene, value: number, dice: Dice): number {
  const at = levels.indexOf(value);
  if (kind === 'choice' || at < 0)
    return pick(
      levels.filter((level) => level !== value),
      dice,
    );
  const step = dice() < 0.5 ? -1 : 1;
  return levels[at + step] ?? (levels[at - step] as number);
}

/**
 * A neighbour: some genes that count are changed, a quantity by one level. Never the same genome, because what it
 * changes counts.
 */
export function mutate(genome: Genome, dice: Dice): Genome {
  const rate = 1.5 / GENES.length;
  for (;;) {
    const child: Record<string, number> = { ...genome };
    for (const gene of GENES)
      if (dice() < rate) child[gene.name] = moved(gene, levelOf(genome, gene.name), dice);
    const canonical = canonicalGenome(child);
    if (!sameGenome(canonical, canonicalGenome(genome))) return canonical;
  }
}

/** Each gene from one of the two. */
export const crossover = (one: Genome, other: Genome, dice: Dice): Genome =>
  canonicalGenome(
    Object.fromEntries(GENES.map(({ name }) => [name, levelOf(dice() < 0.5 ? one : other, name)])),
  );

export const sameGenome = (one: Genome, other: Genome): boolean =>
  GENES.every(({ name }) => one[name] === other[name]);

/** How many genomes differ in what they do: canonical ones. */
export function countGenomes(): number {
  const choices = GENES.slice(
    0,
    GENES.findIndex(({ counts }) => counts !== undefined),
  );
  const others = GENES.slice(choices.length);
  const combinations = choices.reduce<Genome[]>(
    (all, { name, levels }) => all.flatMap((genome) => levels.map((level) => ({ ...genome, [name]: level }))),
    [{}],
  );
  return combinations
    .filter((genome) => withoutVainInterrupts(genome) === genome)
    .map((genome) =>
      others.reduce(
        (count, { levels, counts }) => count * (counts === undefined || counts(genome) ? levels.length : 1),
        1,
      ),
    )
    .reduce((sum, count) => sum + count, 0);
}
