import { GENES, type Genome, isPlainShared } from './table.js';

/** In policies/genes: whether anything is kept of single tasks. */
const knowsTasks = ({ time_base, lead_by = 0, slice_by }: Genome): boolean =>
  time_base === 1 || lead_by >= 2 || slice_by === 3;

/** There: whether the kernel feeds CPUs by itself. */
function feedsItself(genome: Genome): boolean {
  const { keep_local, slice_by, place_by, wakes, batch } = genome;
  const isCounted = slice_by === 1 || place_by === 3 || wakes === 3 || batch !== 1;
  return isPlainShared(genome) && keep_local === 0 && !isCounted;
}

/** Callbacks that have nothing to do unless so; the kernel calls what an ops table has, and a call is not for nothing. */
const NEEDED: Readonly<Record<string, (genome: Genome) => boolean>> = {
  dispatch: (genome) => !feedsItself(genome),
  runnable: ({ lead_by }) => lead_by === 2,
  running: (genome) => knowsTasks(genome) || genome.wakes === 2,
  stopping: knowsTasks,
  init_task: knowsTasks,
  enable: knowsTasks,
};

/** The source without the function that begins so, and the comment on it. */
const withoutFunction = (source: string, begin: string): string =>
  source.replace(new RegExp(`(?:/\\*(?:(?!\\*/)[^])*\\*/\\n)?${begin}[^]*?\\n}\\n\\n`), '');

/** The last first, for what a function calls stands before it. */
function withoutIdle(source: string): string {
  const helpers = [...source.matchAll(/^static [\w ]+\b(\w+)\(/gm)].map(([, name]) => name as string);
  return helpers.reduceRight(
    (text, name) =>
      text.split(new RegExp(`\\b${name}\\b`)).length > 2
        ? text
        : withoutFunction(text, `static [\\w ]+\\b${name}\\(`),
    source,
  );
}

const without = (source: string, callback: string): string =>
  withoutIdle(
    withoutFunction(source, `\\w+ BPF_STRUCT_OPS(?:_SLEEPABLE)?\\(\\w+_${callback},`).replace(
      new RegExp(`\\n[ \\t]*\\.${callback} = [^\\n]*`),
      '',
    ),
  );

const idleFor = (genome: Genome): string[] =>
  Object.entries(NEEDED)
    .filter(([, isNeeded]) => !isNeeded(genome))
    .map(([callback]) => callback);

/** The text of policies/genes without the callbacks that have nothing to do for that genome. */
export const trimmed = (source: string, genome: Genome): string => idleFor(genome).reduce(without, source);

/** What a gene may be, from and to, where the trimmed text of that genome is to be right for it; undefined: anything. */
export function boundsOf(genome: Genome, name: string): readonly [number, number] | undefined {
  const levels = GENES.find((gene) => gene.name === name)?.levels ?? [];
  const leftOut = idleFor(genome);
  const isWrong = (level: number | undefined): boolean =>
    level === undefined || leftOut.some((callback) => NEEDED[callback]?.({ ...genome, [name]: level }));
  if (!levels.some(isWrong)) return undefined;
  let from = levels.indexOf(genome[name] as number);
  let to = from;
  while (!isWrong(levels[from - 1])) from--;
  while (!isWrong(levels[to + 1])) to++;
  return [levels[from] as number, levels[to] as number];
}
