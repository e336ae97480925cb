import type { ChangeDetector } from './llm/options.js';
import { Actor } from './speculative/actor.js';
import type { Clock } from './speculative/clock.js';
import { type Objection, objectionTo } from './speculative/reservation.js';
import { settled } from './speculative/settled.js';
import type { Proposal, Tuner, TuningContext } from './types.js';

export interface SpeculativeOptions {
  /** Fast: asked for every window. */
  readonly speculator: Tuner;
  /** Slow: thinks over several windows. */
  readonly actor: Tuner;
  readonly clock: Clock;
  readonly changed?: ChangeDetector | undefined;
}

/** What became of the slow side's decisions. */
export interface SpeculationTally {
  applied: number;
  readonly dropped: Map<Objection, number>;
}

/**
 * A fast speculator that proposes for every window and a slow actor whose decisions arrive windows later (after
 * "Speculative Actions", arXiv 2510.04371). The last write wins: in the window in which a decision arrives, it is
 * the one. One that rests on what no longer holds is dropped; every step, whoever's it is, is staged for one window
 * and put back by the loop when it is worse.
 */
export function speculative(options: SpeculativeOptions): Tuner {
  const { speculator, actor: slow, clock, changed = () => 0 } = options;
  const tally: SpeculationTally = { applied: 0, dropped: new Map() };
  let run: { readonly context: TuningContext; readonly actor: Actor } | undefined;
  return {
    name: 'speculative',
    async propose(history, context) {
      if (run?.context !== context) run = { context, actor: new Actor(slow, clock) };
      const { actor } = run;
      const late = await actor.turn(history, context);
      const objection = late && objectionTo(late.reservation, late.proposal, history, context, changed);
      if (late && objection === null) {
        tally.applied++;
        return told(late.proposal, `Actor, on ${late.reservation.seen} windows`);
      }
      if (objection) tally.dropped.set(objection, (tally.dropped.get(objection) ?? 0) + 1);
      const quick = await speculator.propose(history, context);
      if (quick) return told(quick, 'Speculator');
      return actor.finished ? null : settled(history.slice(changed(history, context)), context);
    },
    close() {
      speculator.close?.();
      slow.close?.();
    },
    remarks: () => [...talk(tally), ...(speculator.remarks?.() ?? []), ...(slow.remarks?.() ?? [])],
    accounts: () => [...(speculator.accounts?.() ?? []), ...(slow.accounts?.() ?? [])],
  };
}

const told = ({ values, reason }: Proposal, who: string): Proposal => ({
  values,
  reason: `${who}: ${reason}`,
});

function talk({ applied, dropped }: SpeculationTally): readonly string[] {
  const lost = [...dropped].map(([why, count]) => `${count} dropped because ${why}`);
  return [`actor decisions: ${[`${applied} applied`, ...lost].join(', ')}`];
}
