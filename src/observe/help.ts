import { fit, paint, type Screen } from './table.js';

const KEYS = [
  ['s', 'sort: p99, wait, cpu, switches'],
  ['/', 'filter by part of a name, or a number'],
  ['↑ ↓ j k', 'scroll by a row'],
  ['PgUp PgDn', 'by ten rows'],
  ['Home End', 'to the first, the last'],
  ['p', 'pause'],
  ['q', 'quit (so does Ctrl-C)'],
] as const;

const WORDS = [
  ['P99, P50', 'wait on the run queue until it got a CPU'],
  ['MAX', 'the longest since the start'],
  ['WAIT, CPU', 'CPUs it waited for, CPUs it used (100 %: one)'],
  ['THROTTLED', 'held by its cgroup’s quota, not in WAIT'],
  ['VOL/S, INV/S', 'switches a second: it slept, it was preempted'],
  ['SLICE99', 'how long it keeps a CPU'],
  ['MIG/S', 'moves to another CPU a second'],
  ['†', 'has exited'],
] as const;

/** What keys and columns mean: beside each other where there is room, else keys first. At most `room` lines. */
export function help(screen: Screen, room: number): string[] {
  const side = (pairs: readonly (readonly [string, string])[], first: number) =>
    pairs.map(([name, words]) => `${name.padEnd(first)} ${words}`);
  const [keys, words] = [side(KEYS, 9), side(WORDS, 12)];
  const wide = 51;
  const both = screen.columns >= wide + 60;
  const lines = both
    ? Array.from({ length: Math.max(keys.length, words.length) }, (_, i) =>
        `${(keys[i] ?? '').padEnd(wide)}${words[i] ?? ''}`.trimEnd(),
      )
    : [...keys, ...words];
  return [
    paint(screen, 7, ' keys and columns'.padEnd(screen.columns)),
    ...lines.map((line) => fit(` ${line}`, screen.columns)),
  ].slice(0, room);
}
