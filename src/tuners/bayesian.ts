import { describeSettings } from '../knobs/format.js';
import { formatValue } from '../units.js';
import { Optimiser } from './bayesian/optimiser.js';
import { Space } from './bayesian/space.js';
import { type Learner, learning } from './learner.js';
import type { Observation, Proposal, Tuner, TuningContext } from './types.js';

/**
 * Bayesian optimisation by SMAC3's algorithm, as the LumOS paper ran it (appendix A.1): random-forest surrogate,
 * expected improvement, scrambled Sobol start, racing under noise. The default's window is its first trial.
 */
export const bayesian = (): Tuner => learning('bayesian', (context) => new Bayesian(context));

class Bayesian implements Learner {
  private readonly space: Space;
  private readonly optimiser: Optimiser;
  /** First figure of each setting, by its key. */
  private readonly figures = new Map<string, number | null>();

  constructor(private readonly context: TuningContext) {
    this.space = new Space(context);
    this.optimiser = new Optimiser(this.space, { trials: context.cycles, seed: context.seed });
  }

  tell({ values, objective, outcome }: Observation): void {
    const config = this.space.of(values);
    if (!this.figures.has(config.key)) this.figures.set(config.key, objective);
    const isKnown = objective !== null && outcome !== 'breach';
    const sign = this.context.objective.direction === 'lower' ? 1 : -1;
    this.optimiser.tell(config, isKnown ? sign * objective : null);
  }

  ask(): Proposal | null {
    const suggestion = this.optimiser.ask();
    if (!suggestion) return null;
    const { config, origin } = suggestion;
    return {
      values: config.values,
      reason: `${this.standing()}${sentence(origin)}: ${describeSettings(config.values)}.`,
    };
  }

  private standing(): string {
    const { incumbent } = this.optimiser;
    if (this.figures.size < 2 || incumbent === null) return '';
    const figure = formatValue(this.figures.get(incumbent.key), this.context.objective.unit);
    return `The race is led by ${describeSettings(incumbent.values)} (${figure}). `;
  }
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
