import { ancestorsOf } from '../../synthesis/folder/lineage.js';
import type { SynthesisResult } from '../../synthesis/result.js';
import { signedPercent } from '../../units.js';
import { type Html, html } from '../html.js';
import { candidateMark, kindOf, type Tried } from './candidates.js';
import { type Frame, figureOf, px } from './frame.js';

/** More ancestors than this are not drawn: the nearest tell the story. */
const MOST = 40;

/** Ancestors by generation: the first row has those that were not made from others. */
export function generations(tried: SynthesisResult['tried'], id: string): Tried[][] {
  const family = ancestorsOf(tried, id).slice(0, MOST);
  const known = new Map(family.map((one) => [one.id, one]));
  const depths = new Map<string, number>();
  const depthOf = (one: Tried): number => {
    const found = depths.get(one.id);
    if (found !== undefined) return found;
    depths.set(one.id, 0);
    const parents = one.parents.flatMap((parent) => known.get(parent) ?? []);
    const depth = parents.length === 0 ? 0 : 1 + Math.max(...parents.map(depthOf));
    depths.set(one.id, depth);
    return depth;
  };
  const rows: Tried[][] = [];
  for (const one of family) {
    const depth = depthOf(one);
    rows[depth] = [...(rows[depth] ?? []), one];
  }
  return rows.filter((row) => row !== undefined);
}

/** The family tree of the candidate that the folder holds: oldest left, lines from parents to children. */
export function familyChart(result: SynthesisResult, id: string): Html {
  const rows = generations(result.tried, id);
  const most = Math.max(1, ...rows.map((row) => row.length));
  return figureOf('family tree', Math.max(120, 60 + 44 * most), (frame) => draw(result, rows, frame));
}

function draw(result: SynthesisResult, rows: readonly Tried[][], frame: Frame): Html {
  const place = new Map<string, { x: number; y: number }>();
  const step = (frame.right - frame.left) / Math.max(1, rows.length - 1 || 1);
  rows.forEach((row, depth) => {
    row.forEach((one, i) => {
      // Up and down by turns, so that lines over a generation are not hidden behind it.
      const lane = (frame.bottom - frame.top) / (row.length + 1);
      const y = frame.top + (i + 1 + (depth % 2 === 0 ? 0.12 : -0.12)) * lane;
      place.set(one.id, { x: frame.left + depth * step, y });
    });
  });
  const all = rows.flat();
  const lines = all.flatMap((one) => {
    const to = place.get(one.id) as { x: number; y: number };
    return one.parents.flatMap((parent) => {
      const from = place.get(parent);
      if (!from) return [];
      const middle = px((from.x + to.x) / 2);
      return html`<path class="grid" fill="none" d="M${px(from.x)} ${px(from.y)}C${middle} ${px(from.y)} ${middle} ${px(to.y)} ${px(to.x)} ${px(to.y)}"/>
`;
    });
  });
  const room = rows.length < 2 ? step : (frame.right - frame.left) / (rows.length - 1);
  const isNamed = (one: Tried): boolean =>
    room > 54 || one.parents.length === 0 || kindOf(result, one) === 'chosen';
  return html`${lines}${all.map((one) => {
    const { x, y } = place.get(one.id) as { x: number; y: number };
    const gain = one.gain === null ? '–' : signedPercent(one.gain);
    return html`<g>${candidateMark(kindOf(result, one), x, y, 4.5)}<title>${one.id}: ${one.words}</title>
${
  isNamed(one) &&
  html`<text class="tick" x="${px(x)}" y="${px(y - 10)}" text-anchor="middle">${gain}</text>
<text class="tick" x="${px(x)}" y="${px(y + 20)}" text-anchor="middle">${one.id.slice(0, 6)}</text>`
}</g>
`;
  })}`;
}
