import type { Prediction } from './improvement.js';
import { type Acquisition, climb, type Promising } from './local-search.js';
import type { Config, Space } from './space.js';

const RANDOM = 10_000;
const STARTS = 10;

/** What is needed to look for the settings that promise most. */
export interface Search {
  readonly space: Space;
  readonly acquisition: Acquisition;
  readonly predict: (config: Config) => Prediction;
  readonly tried: readonly Config[];
  readonly next: () => number;
}

/**
 * Settings that promise most, best first: local searches from the tried settings with the best predictions and from
 * the most promising of ten thousand drawn evenly (SMAC3's local and sorted random search).
 */
export function maximise({ space, acquisition, predict, tried, next }: Search): readonly Config[] {
  const drawn = Array.from({ length: RANDOM }, () => space.draw(next));
  const promising = best(drawn, acquisition, next);
  const known = best(tried, (config) => -predict(config).mean, next);
  const more = Array.from({ length: Math.max(0, STARTS - tried.length) }, () => space.draw(next));
  const starts = new Map([...known, ...promising].map((config) => [config.key, config]));
  const found = [...more, ...starts.values()].map((start) => climb(space, acquisition, start, next));
  return sorted(found, next);
}

const best = (configs: readonly Config[], score: Acquisition, next: () => number): readonly Config[] =>
  sorted(
    configs.map((config) => ({ config, gain: score(config) })),
    next,
  ).slice(0, STARTS);

/** Highest first; equal ones in random order. */
const sorted = (items: readonly Promising[], next: () => number): readonly Config[] =>
  items
    .map((item) => ({ ...item, lot: next() }))
    .sort((a, b) => b.gain - a.gain || a.lot - b.lot)
    .map(({ config }) => config);
