import { usageError } from '../../errors.js';
import type { Knob } from '../../knobs/types.js';
import { readTrace, settingsOf, type TraceRow } from '../../tuners/human/trace.js';
import { human } from '../../tuners/human.js';
import type { LlmOptions } from '../../tuners/llm/options.js';
import { llmOptions, type ModelSettings } from '../../tuners/llm/settings.js';
import { virtualClock } from '../../tuners/speculative/clock.js';
import { modelTuner, speculativeWithModel } from '../../tuners/speculative/with-model.js';
import { formatValue } from '../../units.js';
import type { StudyOptions } from './profile.js';
import type { Entrant } from './run.js';

/** Rows that need a model or a person, and what they say without. */
export const OUTSIDE: Readonly<Record<string, string>> = {
  human: 'no trace recorded',
  llm: 'no model configured',
  speculative: 'no model configured',
};

/** Rows of those of them that did not run, in a table of so many columns. */
export const absentRows = (ran: readonly string[], columns: number): readonly (readonly string[])[] =>
  Object.entries(OUTSIDE)
    .filter(([name]) => !ran.includes(name))
    .map(([name, why]) => [name, why, ...new Array<string>(columns - 2).fill('–')]);

/** Enough for a study, five times what one run may have: two cases, five seeds, one call a cycle. */
const STUDY_BUDGET = 'calls=5000,tokens=25M';

/** The model of a study, if one is named: one for all runs. @throws TunesmithError as `llmOptions` */
export const studyModel = (models: ModelSettings | undefined): LlmOptions | undefined =>
  models && llmOptions({ ...models, budget: models.budget ?? STUDY_BUDGET });

/**
 * The rows of a trace, if one is named, for the cases that tune just the knobs it names.
 * @returns for a case's knobs its rows, or null
 * @throws TunesmithError (usage) naming --trace, for one that fits no case or has a value that cannot be
 */
export function studyTrace(
  trace: string | undefined,
  cases: readonly (readonly Knob[])[],
): (knobs: readonly Knob[]) => readonly TraceRow[] | null {
  if (trace === undefined) return () => null;
  const rows = readTrace(trace);
  const named = new Set(rows.flatMap(({ values }) => Object.keys(values)));
  const fits = (knobs: readonly Knob[]): boolean =>
    knobs.length === named.size && knobs.every(({ name }) => named.has(name));
  const fitting = cases.filter(fits);
  if (fitting.length === 0) {
    const tuned = cases.map((knobs) => knobs.map(({ name }) => name).join(' and ')).join(', or ');
    const found = [...named].join(' and ') || 'no knob';
    throw usageError('--trace', trace, `names ${found}`, `this study tunes ${tuned}`);
  }
  for (const knobs of fitting) for (const row of rows) checkRange(row, knobs);
  return (knobs) => (fits(knobs) ? rows : null);
}

/** A value out of its range would be moved to the lattice's end like a tuner's, and nobody chose that. */
function checkRange(row: TraceRow, knobs: readonly Knob[]): void {
  const values = settingsOf(row, knobs);
  for (const { name, min, max, unit } of knobs) {
    const value = values[name];
    if (value !== undefined && (value < min || value > max))
      throw usageError(
        '--trace',
        value,
        `is no ${name} of the study's, in cycle ${row.cycle}`,
        `its range is ${formatValue(min, unit)} to ${formatValue(max, unit)}`,
      );
  }
}

/**
 * Who else takes part in a case, by its knobs: a person whose trace is given, and a model that is named, alone and as the
 * slow side of speculation. All runs share the model: its budget is the study's, and a tape holds the calls of all runs
 * in their order.
 * @param windowS length of a window, s
 * @param cases the knobs of each case
 * @throws TunesmithError (usage, incapable) before anything is measured
 */
export function outsiders(
  { models, trace }: Pick<StudyOptions, 'models' | 'trace'>,
  windowS: number,
  cases: readonly (readonly Knob[])[],
): (knobs: readonly Knob[]) => readonly Entrant[] {
  const rowsFor = studyTrace(trace, cases);
  const model = studyModel(models);
  const asking: readonly Entrant[] = model
    ? [
        { name: 'llm', make: () => modelTuner(model) },
        { name: 'speculative', make: () => speculativeWithModel(model, virtualClock(windowS)) },
      ]
    : [];
  return (knobs) => {
    const rows = rowsFor(knobs);
    return [...(rows ? [{ name: 'human', make: () => human(rows) }] : []), ...asking];
  };
}
