import { askedFor } from '../extra.js';
import type { Observation, Proposal, Tuner, TuningContext } from '../types.js';
import { visibleHistory } from './visible.js';

/** Windows in a row that the rules have at most before the model is asked again. */
const MOST_TURNS = 8;

/**
 * Whose turn it is between a model and the rules it may overrule. After a choice of the model's own that is not the best so
 * far the rules' proposal is measured next, and after several in a row twice as many each time.
 *
 * Where windows are exact, a choice of the model's own is an extra window, which the rules neither pay for nor see: they
 * measure to the digit what they would alone, so the run's best is no worse, whatever the model says. On a host a window
 * more is time under a setting more, and the same figure would not come again: all windows count there, and the rules
 * see them.
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
    return this.tuner.propose(visibleHistory(askedFor(history), this.context), this.context);
  }

  /** Whether the model had as many extra windows as it may have. */
  isSpent(history: readonly Observation[]): boolean {
    return history.length - askedFor(history).length >= this.context.cycles - 1;
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
  overruled(history: readonly Observation[], proposal: Proposal): Proposal {
    this.own = history.length;
    return this.context.exact ? { ...proposal, extra: true } : proposal;
  }
}
