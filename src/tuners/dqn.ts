import { describeSettings } from '../knobs/format.js';
import { formatValue } from '../units.js';
import { type Learner, learning } from './learner.js';
import { prng } from './prng.js';
import { Adam } from './reinforcement/adam.js';
import { Cells } from './reinforcement/cells.js';
import { epsilon, greedy, type Schedule } from './reinforcement/exploration.js';
import { Network } from './reinforcement/network.js';
import { Rewards } from './reinforcement/reward.js';
import type { Observation, Proposal, Tuner, TuningContext } from './types.js';

/** LumOS paper, appendix A.1; but for the discount, which it does not state. */
const HIDDEN = [128, 128, 128];
const DROPOUT = 0.1;
const LEARNING_RATE = 1e-3;
const MOST_REMEMBERED = 1000;
const BATCH = 32;
const CYCLES_A_TARGET = 10;
const DISCOUNT = 0.9;
const STREAM = 0x4451;

interface Step {
  readonly state: readonly number[];
  readonly action: number;
  readonly reward: number;
  readonly after: readonly number[];
}

/**
 * Deep Q-network with the LumOS paper's settings: the state is where the knobs stand, the last reward, how far the
 * run is and how long nothing was changed; an action is a cell of the table that Q-learning has.
 */
export const dqn = (schedule: Schedule): Tuner =>
  learning(schedule === 'paper' ? 'dqn' : 'dqn-budget', (context) => new Agent(context, schedule));

class Agent implements Learner {
  private readonly cells: Cells;
  private readonly rewards: Rewards;
  private readonly next: () => number;
  private readonly network: Network;
  /** An older copy, for the values of next states. */
  private readonly target: Network;
  private readonly adam: Adam;
  private readonly memory: Step[] = [];
  private state: readonly number[] = [];
  private place: readonly number[] = [];
  private unchanged = 0;
  private choices = 0;

  constructor(
    private readonly context: TuningContext,
    private readonly schedule: Schedule,
  ) {
    this.cells = new Cells(context);
    this.rewards = new Rewards(context.objective);
    this.next = prng(context.seed, STREAM);
    const sizes = [context.knobs.length + 3, ...HIDDEN, this.cells.settings.length];
    this.network = new Network(sizes, this.next);
    this.target = new Network(sizes, this.next);
    this.target.parameters.set(this.network.parameters);
    this.adam = new Adam(this.network, LEARNING_RATE);
  }

  tell(observation: Observation): void {
    const reward = this.rewards.of(observation);
    const after = this.stateAfter(observation, reward);
    if (observation.cycle > 0) {
      const action = this.cells.nearest(observation.values);
      this.memory.push({ state: this.state, action, reward, after });
      if (this.memory.length > MOST_REMEMBERED) this.memory.shift();
      if (this.memory.length >= BATCH) this.train();
      if (observation.cycle % CYCLES_A_TARGET === 0) this.target.parameters.set(this.network.parameters);
    }
    this.state = after;
  }

  ask(): Proposal {
    const share = epsilon(this.schedule, this.choices++, this.context.cycles);
    const isRandom = this.next() < share;
    const values = isRandom ? undefined : this.network.predict(this.state);
    const cell = values ? greedy(values, this.next) : Math.floor(this.next() * this.cells.settings.length);
    const setting = this.cells.settings[cell] as Proposal['values'];
    const why = values
      ? `The network values this cell most (${(values[cell] as number).toFixed(3)})`
      : `Drawn at random, as ${formatValue(share, 'share')} of the choices are now`;
    return { values: setting, reason: `${why}: ${describeSettings(setting)}.` };
  }

  private stateAfter({ cycle, values }: Observation, reward: number): readonly number[] {
    const place = this.cells.placeOf(values);
    this.unchanged = place.every((x, i) => x === this.place[i]) ? this.unchanged + 1 : 0;
    this.place = place;
    const { cycles } = this.context;
    return [...place, reward, cycle / cycles, this.unchanged / cycles];
  }

  /** One batch, drawn with repetition: mean squared error between a step's value and what followed. */
  private train(): void {
    const dropout = { rate: DROPOUT, next: this.next };
    for (let i = 0; i < BATCH; i++) {
      const step = this.memory[Math.floor(this.next() * this.memory.length)] as Step;
      const { state, action, reward, after } = step;
      const aim = reward + DISCOUNT * Math.max(...this.target.predict(after));
      this.network.learn(
        state,
        (output) => {
          const slope = new Float64Array(output.length);
          slope[action] = (2 * ((output[action] as number) - aim)) / BATCH;
          return slope;
        },
        dropout,
      );
    }
    this.adam.step();
  }
}
