import { onLattice } from '../../tuners/lattice.js';
import type { Tuner, TuningContext } from '../../tuners/types.js';

/**
 * A tuner whose proposals are moved to the nearest point of a lattice over the knobs' scales, for all tuners alike, who
 * are told: a study then needs each point measured once, and the lattice's best is the best any of them can find.
 */
export function snapped(tuner: Tuner, points: number): Tuner {
  // Some tuners know a run by its context, so there is one for each run.
  let run: { readonly of: TuningContext; readonly told: TuningContext } | undefined;
  return {
    ...tuner,
    async propose(history, context) {
      if (run?.of !== context) run = { of: context, told: { ...context, points } };
      const proposal = await tuner.propose(history, run.told);
      return proposal && { ...proposal, values: onLattice(proposal.values, run.told) };
    },
  };
}
