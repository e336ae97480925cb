import { prng } from '../prng.js';
import { Race } from './race.js';
import { type Suggestion, select, type Trial } from './selector.js';
import type { Config, Space } from './space.js';

/** Names the sequence of this optimiser among those that a seed gives. */
const STREAM = 0x534d;

/**
 * SMAC3 as its facade for hyperparameter optimisation sets it up, to be asked for a setting and told its cost in
 * turns. Costs are lower the better; a trial without one counts as the worst there was.
 */
export class Optimiser {
  private readonly told: { readonly config: Config; readonly cost: number | null }[] = [];
  private readonly race = new Race();
  private readonly source: Generator<Suggestion, void, void>;

  /** @param trials how many there will be, those told before the first question included */
  constructor(space: Space, { trials, seed }: { readonly trials: number; readonly seed: number }) {
    const next = prng(seed, STREAM);
    const fresh = select({ space, trials, next, data: () => this.data() });
    this.source = this.race.trials(fresh);
  }

  /** The setting that leads the race. */
  get incumbent(): Config | null {
    return this.race.incumbent;
  }

  tell(config: Config, cost: number | null): void {
    this.told.push({ config, cost });
    this.race.tell(config, cost ?? this.worst());
  }

  /** The next trial; null when there is nothing new to try. */
  ask(): Suggestion | null {
    const { value, done } = this.source.next();
    return done || !value ? null : value;
  }

  private data(): readonly Trial[] {
    const worst = this.worst();
    return this.told.map(({ config, cost }) => ({ config, cost: cost ?? worst }));
  }

  private worst(): number {
    const costs = this.told.flatMap(({ cost }) => cost ?? []);
    return costs.length > 0 ? Math.max(...costs) : 0;
  }
}
