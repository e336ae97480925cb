import { describeSettings } from '../knobs/format.js';
import { formatValue } from '../units.js';
import { type Learner, learning } from './learner.js';
import { prng } from './prng.js';
import { Cells } from './reinforcement/cells.js';
import { epsilon, greedy, type Schedule } from './reinforcement/exploration.js';
import { Rewards } from './reinforcement/reward.js';
import type { Observation, Proposal, Tuner, TuningContext } from './types.js';

/** LumOS paper, appendix A.1. */
const LEARNING_RATE = 0.1;
const STREAM = 0x514c;

/**
 * Tabular Q-learning with the LumOS paper's settings: a table of eight log-spaced values per knob, zero at first,
 * ε-greedy. A window depends on the setting in force alone, so a cell's value is its reward's running mean and there
 * is no next state to discount.
 */
export const qLearning = (schedule: Schedule): Tuner =>
  learning(
    schedule === 'paper' ? 'q-learning' : 'q-learning-budget',
    (context) => new Table(context, schedule),
  );

class Table implements Learner {
  private readonly cells: Cells;
  private readonly values: Float64Array;
  private readonly rewards: Rewards;
  private readonly next: () => number;
  private choices = 0;

  constructor(
    private readonly context: TuningContext,
    private readonly schedule: Schedule,
  ) {
    this.cells = new Cells(context);
    this.values = new Float64Array(this.cells.settings.length);
    this.rewards = new Rewards(context.objective);
    this.next = prng(context.seed, STREAM);
  }

  tell(observation: Observation): void {
    const reward = this.rewards.of(observation);
    // The default is seldom a cell of the table, and zero says already what it is worth.
    if (observation.cycle === 0) return;
    const cell = this.cells.nearest(observation.values);
    const old = this.values[cell] as number;
    this.values[cell] = old + LEARNING_RATE * (reward - old);
  }

  ask(): Proposal {
    const share = epsilon(this.schedule, this.choices++, this.context.cycles);
    const isRandom = this.next() < share;
    const cell = isRandom ? Math.floor(this.next() * this.values.length) : greedy(this.values, this.next);
    const values = this.cells.settings[cell] as Proposal['values'];
    const why = isRandom
      ? `Drawn at random, as ${formatValue(share, 'share')} of the choices are now`
      : `The table values this cell most (${(this.values[cell] as number).toFixed(3)})`;
    return { values, reason: `${why}: ${describeSettings(values)}.` };
  }
}
