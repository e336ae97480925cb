import { lintPolicy } from '../../verify/lint.js';
import { SHAPES } from './lint-shapes.js';
import type { Checking, Part } from './parts.js';

/** kB; the longest is more than a source may have, and answered by that. */
const SIZES = [10, 100, 250, 500] as const;
/** A rule that looks at everything for everything takes a hundred times as long for ten times the text. */
const STEEPEST = 25;

/** CPU time of the process so far, its threads included, ms. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/**
 * How long lint takes by the length of its source, for texts made to be hard: ms of CPU time for 10, 100, 250 and 500 kB, and
 * how many times as long the second takes as the first.
 */
export async function lintPart({ note, only }: Pick<Checking, 'note' | 'only'>): Promise<Part> {
  const rows: string[][] = [];
  const wrong: string[] = [];
  await lintPolicy('SCX_OPS_DEFINE(x_ops, .name = "x");', { file: 'x' }); // the thread, the grammar
  for (const { name, of } of SHAPES.filter((shape) => shape.name.includes(only))) {
    const took: number[] = [];
    let limited = false;
    for (const size of SIZES) {
      const source = of(size * 1000);
      const before = cpuMs();
      const { findings } = await lintPolicy(source, { file: 'x' });
      took.push(cpuMs() - before);
      limited ||= findings.some(({ rule }) => rule === 'lint/limit');
    }
    const [small = 1, medium = 1] = took;
    const ratio = medium / Math.max(small, 10);
    const row = `${took.map((ms) => ms.toFixed(0)).join(' / ')} ms, × ${ratio.toFixed(1)}`;
    note(`${name}: ${row}`);
    rows.push([`lint: ${name}`, row, `× 10 for 10 × the text`]);
    if (limited || ratio > STEEPEST)
      wrong.push(`${name}: ${row}${limited ? ', and ended by its limit' : ''}`);
  }
  return { rows, wrong };
}
