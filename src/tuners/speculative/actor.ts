import type { Observation, Proposal, Tuner, TuningContext } from '../types.js';
import type { Clock } from './clock.js';
import type { Reservation } from './reservation.js';

/** A decision that has come in, with what it rests on. */
export interface Arrival {
  readonly proposal: Proposal;
  readonly reservation: Reservation;
}

interface Pending {
  readonly reservation: Reservation;
  /** When it is there, s; null until the real reply is. */
  due: number | null;
  outcome: { readonly proposal: Proposal | null } | { readonly error: unknown } | undefined;
}

/**
 * The slow side: one decision under way at a time, begun with all windows there are, so it sees what the speculator
 * has done since the last. In virtual time a decision is there when its drawn latency has passed; in real time when
 * the reply is.
 */
export class Actor {
  private pending: Pending | undefined;
  private begun = 0;
  private isDone = false;

  constructor(
    private readonly tuner: Tuner,
    private readonly clock: Clock,
  ) {}

  /** Whether it has nothing more to propose. */
  get finished(): boolean {
    return this.isDone && this.pending === undefined;
  }

  /** Takes what has arrived by the start of this window, and begins anew. @throws what the tuner threw */
  async turn(history: readonly Observation[], context: TuningContext): Promise<Arrival | null> {
    const arrival = await this.arrived(history.length);
    if (!this.pending && !this.isDone) await this.begin(history, context);
    return arrival;
  }

  private async begin(history: readonly Observation[], context: TuningContext): Promise<void> {
    const { thinks } = this.clock;
    const nth = this.begun++;
    const before = this.thoughtS();
    // A copy: the loop's own list grows while this side thinks.
    const asked = this.tuner.propose([...history], context);
    const pending: Pending = { reservation: { seen: history.length }, due: null, outcome: undefined };
    this.pending = pending;
    const done = asked.then(
      (proposal) => {
        pending.outcome = { proposal };
      },
      (error: unknown) => {
        pending.outcome = { error };
      },
    );
    if (thinks === null) return;
    // Virtual time stands still while somebody thinks: the reply is there at once and is held until it is due.
    await done;
    pending.due = this.clock.at(history.length) + thinks(nth, this.thoughtS() - before);
  }

  /** How long the tuner's models have taken in all, s. */
  private thoughtS(): number {
    const all = this.tuner.accounts?.().flatMap(({ latenciesMs }) => latenciesMs) ?? [];
    return all.reduce((sum, ms) => sum + ms, 0) / 1000;
  }

  private async arrived(window: number): Promise<Arrival | null> {
    const { pending } = this;
    if (!pending?.outcome || (pending.due !== null && this.clock.at(window) < pending.due)) return null;
    this.pending = undefined;
    if ('error' in pending.outcome) throw pending.outcome.error;
    const { proposal } = pending.outcome;
    if (proposal) return { proposal, reservation: pending.reservation };
    this.isDone = true;
    return null;
  }
}
