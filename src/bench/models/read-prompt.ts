import { parseDuration } from '../../units.js';

export interface Range {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** Something a prompt says about a place: its figure, how many windows that rests on, how vague the place is. */
export interface Clue {
  readonly place: readonly number[];
  readonly figure: number;
  readonly windows: number;
  readonly blur?: number;
}

export interface PromptRead {
  readonly ranges: readonly Range[];
  readonly windows: number;
  /** The window to decide on. */
  readonly next: number;
  readonly clues: readonly Clue[];
  readonly best: Clue | null;
}

const KNOB = /^- (\w+) \(\w+, (\d+) to (\d+), log scale/gm;
const WINDOW =
  /(?:Window \d+|Best so far): (\{[^}]*\}) → ([\d.,]+ (?:ns|µs|ms|s))(?: \(mean of (\d+) windows\))?/g;
/** A summary's last windows: the settings in the order of the knobs. */
const SHORT = /(?:^\d+: |^Then: |; )((?:[\d.]+ (?:µs|ms|s)(?:, )?)+) → ([\d.]+ (?:ns|µs|ms|s))/gm;
const REGION = /^((?:low|mid|high)(?:, (?:low|mid|high))*): (\d+)×, ([\d.]+ (?:ns|µs|ms|s))/gm;
/** Where the middle of a named part lies in its range. */
const MIDDLE: Readonly<Record<string, number>> = { low: 1 / 6, mid: 1 / 2, high: 5 / 6 };

/** What a tuning prompt says, read from its text alone; knobs are times on log scales. */
export function readPrompt(prompt: string): PromptRead {
  const ranges = [...prompt.matchAll(KNOB)].map(([, name = '', min, max]) => ({
    ...{ name, min: Number(min), max: Number(max) },
  }));
  const at = (values: readonly number[]): number[] =>
    ranges.map(({ min, max }, i) => Math.log((values[i] as number) / min) / Math.log(max / min));
  const exact = [...prompt.matchAll(WINDOW)].map(([, config = '{}', figure = '', windows = '1']): Clue => {
    const values = JSON.parse(config) as Record<string, number>;
    const place = at(ranges.map(({ name }) => values[name] as number));
    return { place, figure: time(figure), windows: Number(windows) };
  });
  const short = [...prompt.matchAll(SHORT)].map(
    ([, settings = '', figure = '']): Clue => ({
      ...{ place: at(settings.split(', ').map(time)), figure: time(figure), windows: 1 },
    }),
  );
  const vague = [...prompt.matchAll(REGION)].map(([, where = '', windows = '1', figure = '']): Clue => {
    const place = where.split(', ').map((name) => MIDDLE[name] as number);
    return { place, figure: time(figure), windows: Number(windows), blur: 0.17 };
  });
  return {
    ranges,
    windows: Number(/(\d+) windows in all/.exec(prompt)?.[1]),
    next: Number(/values for window (\d+)\./.exec(prompt)?.[1]),
    clues: [...exact, ...short, ...vague],
    best: bestOf(exact),
  };
}

const time = (text: string): number => parseDuration(text, 'prompt');

/** The best place by the mean of what is said about it. */
function bestOf(clues: readonly Clue[]): Clue | null {
  const groups = new Map<string, Clue>();
  for (const clue of clues) {
    const key = clue.place.join();
    const one = groups.get(key) ?? { ...clue, figure: 0, windows: 0 };
    const windows = one.windows + clue.windows;
    groups.set(key, {
      ...one,
      windows,
      figure: (one.figure * one.windows + clue.figure * clue.windows) / windows,
    });
  }
  return [...groups.values()].reduce<Clue | null>((a, b) => (a && a.figure <= b.figure ? a : b), null);
}
