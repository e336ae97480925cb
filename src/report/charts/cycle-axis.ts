import type { Cycle } from '../../loop/result.js';
import type { Frame } from './frame.js';
import { linearScale, type Scale } from './scale.js';

/** The axis of cycle numbers; charts of one run share it, so that they line up below each other. */
export function cycleScale(frame: Frame, cycles: readonly Cycle[]): Scale {
  const last = Math.max(1, ...cycles.map(({ cycle }) => cycle));
  const inset = frame.narrow ? 8 : 12;
  const scale = linearScale([0, last], [frame.left + inset, frame.right - inset], frame.narrow ? 6 : 15);
  return { at: scale.at, ticks: scale.ticks.filter(Number.isInteger) };
}

/** Radius of a cycle's mark, px: leaves room for its neighbours, but what is rare stays easy to see. */
export function markRadius(frame: Frame, count: number, outcome: Cycle['outcome']): number {
  const room = (frame.right - frame.left) / Math.max(1, count) / 3;
  return Math.min(4.5, Math.max(outcome === 'put back' ? 1.8 : 3, room));
}

/**
 * The path of a quantity that holds its value until the next cycle changes it, from `[cycle, y in px]` rows to the
 * right end of the plot.
 */
export function stepPath(frame: Frame, x: Scale, rows: readonly (readonly [number, number])[]): string {
  const moves = rows.map(([cycle, y], i) =>
    i === 0 ? `M${x.at(cycle).toFixed(1)} ${y.toFixed(1)}` : `H${x.at(cycle).toFixed(1)}V${y.toFixed(1)}`,
  );
  return rows.length === 0 ? '' : `${moves.join('')}H${frame.right}`;
}
