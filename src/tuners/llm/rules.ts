import type { Observation, Proposal, Tuner, TuningContext } from '../types.js';
import { visibleHistory } from './visible.js';

/** Windows in a row that the rules have at most before the model is asked again. */
const MOST_TURNS = 8;

/**
 * Whose turn it is between a model and the rules it may overrule. A choice of the model's own that turns out the best so
 * far costs the rules nothing; after one that does not, the rules' proposal is measured next, and after several in a row
 * twice as many each time. So what the rules would have found is found, a few windows later at most, whatever the model
 * says; one that decides well decides on.
 */
export class Rules {
  private lost = 0;
  private turns = 0;
  /** The window of the model's own last choice, until it was judged. */
  private own: number | null = null;

  constructor(
    private readonly tuner: Tuner,
    private readonly context: TuningContext,
  ) {}

  /** What the rules would try next; null for nothing. They see what a prompt may show, for their proposal goes there. */
  next(history: readonly Observation[]): Promise<Proposal | null> {
    return this.tuner.propose(visibleHistory(history, this.context), this.context);
  }

  /** Whether this window is the rules', because of what came of the model's own choice. */
  isTurn(history: readonly Observation[]): boolean {
    const judged = this.own === null ? undefined : history[this.own];
    if (judged) {
      this.own = null;
      this.lost = judged.outcome === 'kept' ? 0 : this.lost + 1;
      this.turns = this.lost === 0 ? 0 : Math.min(MOST_TURNS, 2 ** (this.lost - 1));
    }
    if (this.turns === 0) return false;
    this.turns--;
    return true;
  }

  /** The model overruled the rules for the window that is measured next. */
  overruled(history: readonly Observation[]): void {
    this.own = history.length;
  }
}
