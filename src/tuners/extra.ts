import type { Observation } from './types.js';

/** The windows of those that were asked for: without the extra ones, which came on top. */
export const askedFor = <T extends Pick<Observation, 'extra'>>(windows: readonly T[]): readonly T[] =>
  windows.filter(({ extra }) => !extra);
