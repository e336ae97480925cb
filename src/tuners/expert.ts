import { describeSettings } from '../knobs/format.js';
import type { KnobValues } from '../knobs/types.js';
import { formatValue } from '../units.js';
import { lastChange, sinceChange } from './change-point.js';
import { direction, tasksIn } from './expert/direction.js';
import { bestOf, distance, evidenceFrom, isBeyondHarm, placeOf } from './expert/evidence.js';
import { relation } from './expert/explain.js';
import { refine } from './expert/refine.js';
import { survey } from './expert/survey.js';
import { onLattice } from './lattice.js';
import type { Observation, Proposal, Tuner, TuningContext } from './types.js';

/** Settings nearer than this to one already tried say nothing new (2 % of a range). */
const TOO_NEAR = 0.02;

/**
 * Rules that reason like a person at the machine, and the default tuner. First coarse moves along the effective
 * slice, both ways and to the ends, because a response may have several dips and its best may lie at an end; then
 * refinement where the neighbours' figures, less an allowance for what nobody has looked at, promise most.
 * Places at or beyond a guardrail breach are never tried again, and it stops when refinement gains no more than
 * the noise. When the load changes (`lastChange`) it measures the default and the old best again and searches anew.
 */
export const expert: Tuner = {
  name: 'expert',
  async propose(history, context) {
    const change = lastChange(history, context);
    if (!change) return search(history, context);
    const since = sinceChange(history, change);
    const left = { ...context, cycles: context.cycles - change.from };
    const again = remeasure(history.slice(0, change.from), since, left);
    const proposal = again ?? search(defaultFirst(since, left), left);
    return (
      proposal && {
        ...proposal,
        reason: `${change.what} shifted in cycle ${change.from}. ${proposal.reason}`,
      }
    );
  },
};

/** One search, from coarse to fine, over what a history of one load says. */
function search(history: readonly Observation[], context: TuningContext): Proposal | null {
  const evidence = evidenceFrom(history, context);
  const tried = history.map(({ values }) => placeOf(values, context));
  const origin = placeOf({}, context);
  const fits = (values: KnobValues): boolean => {
    const place = placeOf(values, context);
    const isNew = tried.every((other) => distance(place, other) >= TOO_NEAR);
    return isNew && !isBeyondHarm(place, origin, evidence);
  };
  const proposal = coarse(history, context, fits) ?? refine(history, evidence, context, fits);
  return proposal && { ...proposal, reason: `${warning(history.at(-1))}${proposal.reason}` };
}

/** After a change of the load what was known is asked again, before anything new: the default, then the old best. */
function remeasure(
  before: readonly Observation[],
  since: readonly Observation[],
  context: TuningContext,
): Proposal | null {
  const best = bestOf(evidenceFrom(before, context))?.observation.values;
  const known = [
    { values: tunedDefaults(context), what: 'the default' },
    ...(best ? [{ values: best, what: 'what was best before' }] : []),
  ];
  const tried = since.map(({ values }) => placeOf(values, context));
  const next = known.find(({ values }) =>
    tried.every((place) => distance(place, placeOf(values, context)) >= TOO_NEAR),
  );
  return next
    ? { values: next.values, reason: `Measuring ${next.what} again: ${describeSettings(next.values)}.` }
    : null;
}

/** The default's window leads a search's history; after a change it seldom was the first. */
function defaultFirst(history: readonly Observation[], context: TuningContext): readonly Observation[] {
  const origin = placeOf({}, context);
  const start = history.find(({ values }) => distance(placeOf(values, context), origin) < TOO_NEAR);
  return start ? [start, ...history.filter((item) => item !== start)] : history;
}

const tunedDefaults = ({ knobs, defaults }: TuningContext): KnobValues =>
  Object.fromEntries(knobs.map(({ name }) => [name, defaults[name] as number]));

function coarse(
  history: readonly Observation[],
  context: TuningContext,
  fits: (values: KnobValues) => boolean,
): Proposal | null {
  const start = history[0];
  const plan = direction(start, context);
  const moves = survey(context, plan).map((wide) => ({ ...wide, values: onLattice(wide.values, context) }));
  const move = moves.find(({ values }) => fits(values));
  if (!move) return null;
  const { metric, unit } = context.objective;
  const ours = formatValue(start?.objective, unit);
  const opening =
    history.length <= 1
      ? `${metric} is ${ours} by default, and ${plan.why}`
      : `The last move gave ${formatValue(history.at(-1)?.objective, unit)} (default ${ours}), and the whole range has to be seen before settling`;
  const note = relation({ ...context.defaults, ...move.values }, tasksIn(start, context.cpus));
  return {
    values: move.values,
    reason: `${opening}. Coarse move to ${move.what}: ${describeSettings(move.values)}${note}.`,
  };
}

const warning = (last: Observation | undefined): string =>
  last?.outcome === 'breach'
    ? 'The last setting breached a guardrail: nothing at or beyond it is tried again. '
    : '';
