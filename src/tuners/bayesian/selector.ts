import { encodeCosts } from './costs.js';
import { Forest } from './forest.js';
import { logExpectedImprovement, type Prediction } from './improvement.js';
import { maximise } from './maximise.js';
import { MOST_DIMENSIONS, sobol } from './sobol.js';
import type { Config, Space } from './space.js';

/** A new setting and how it was found. */
export interface Suggestion {
  readonly config: Config;
  readonly origin: string;
}

/** All that was measured: one row a trial. */
export interface Trial {
  readonly config: Config;
  readonly cost: number;
}

const PER_KNOB = 10;
/** The initial design takes at most this share of the trials. */
const MOST_OF_TRIALS = 0.25;
const BEFORE_RETRAINING = 8;
const RANDOM_SHARE = 0.2;
const TRIES = 16;

/** What a run of the selector rests on. */
export interface Selection {
  readonly space: Space;
  /** How many trials there will be in all. */
  readonly trials: number;
  readonly next: () => number;
  /** The trials so far, asked for before each training. */
  readonly data: () => readonly Trial[];
}

/**
 * Settings worth a trial, none twice: first the initial design, then what the surrogate promises, with a fifth drawn
 * at random in between; the surrogate is trained anew after every eight. Ends when the space has nothing new.
 */
export function* select(selection: Selection): Generator<Suggestion, void, void> {
  const { space, next, data } = selection;
  const seen = new Set(data().map(({ config }) => config.key));
  const isNew = ({ key }: Config): boolean => !seen.has(key) && seen.add(key) !== undefined;
  const design = initialDesign(selection);
  for (const [i, config] of design.entries())
    if (isNew(config)) yield { config, origin: `initial design, point ${i + 1} of ${design.length}` };
  for (;;) {
    let count = 0;
    for (const suggestion of challengers(selection)) {
      if (!isNew(suggestion.config)) continue;
      yield suggestion;
      if (++count === BEFORE_RETRAINING) break;
    }
    for (let fails = 0; count < BEFORE_RETRAINING; ) {
      const config = space.draw(next);
      if (isNew(config)) {
        count++;
        yield { config, origin: 'drawn at random: the surrogate promises nothing new' };
      } else if (++fails === TRIES) return;
    }
  }
}

/** Scrambled Sobol points; coordinates beyond what the table has are drawn evenly. */
function initialDesign({ space, trials, next }: Selection): readonly Config[] {
  const { length } = space.knobs;
  const count = Math.floor(Math.max(1, Math.min(PER_KNOB * length, MOST_OF_TRIALS * trials)));
  const points = sobol(count, Math.min(length, MOST_DIMENSIONS), next);
  const whole = points.map((point) => Array.from({ length }, (_, i) => point[i] ?? next()));
  return whole.flatMap((point) => space.at(point) ?? []);
}

function* challengers({ space, next, data }: Selection): Generator<Suggestion, void, void> {
  const trials = data();
  const tried = [...new Map(trials.map(({ config }) => [config.key, config])).values()];
  const forest = Forest.fit(
    trials.map(({ config }) => config.vector),
    encodeCosts(trials.map(({ cost }) => cost)),
    next,
  );
  const predict = ({ vector }: Config): Prediction => forest.predict(vector);
  const eta = Math.min(...tried.map((config) => predict(config).mean));
  const acquisition = (config: Config): number => logExpectedImprovement(predict(config), eta);
  let list: readonly Config[] | undefined;
  let repeats = 0;
  for (let i = 0; repeats < TRIES + tried.length; ) {
    repeats++;
    if (next() < RANDOM_SHARE) {
      yield { config: space.draw(next), origin: 'drawn at random, as every fifth is' };
      continue;
    }
    list ??= maximise({ space, acquisition, predict, tried, next });
    const config = list[i++];
    if (!config) return;
    yield { config, origin: `the surrogate of ${trials.length} trials promises most here` };
  }
}
