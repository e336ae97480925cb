import type { Objective, Observation } from '../types.js';

/**
 * Rewards: by which share of the default's figure a window was better, held to [−1, 1]. A breach, a window without
 * a figure and a rejected proposal are −1. The paper says only "scaled and negated"; with this scale the zeros that
 * a table starts from stand for the default, neither hope nor fear.
 */
export class Rewards {
  private base: number | undefined;

  constructor(private readonly objective: Objective) {}

  of({ objective: figure, outcome }: Observation): number {
    if (figure === null || outcome === 'breach' || outcome === 'rejected') return -1;
    this.base ??= figure;
    const gain =
      (this.objective.direction === 'lower' ? this.base - figure : figure - this.base) / scale(this.base);
    return Math.max(-1, Math.min(1, gain));
  }
}

const scale = (base: number): number => Math.abs(base) || 1;
