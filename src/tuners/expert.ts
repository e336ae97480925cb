import { describeSettings } from '../knobs/format.js';
import type { KnobValues } from '../knobs/types.js';
import { formatValue } from '../units.js';
import { direction, tasksIn } from './expert/direction.js';
import { distance, evidenceFrom, isBeyondHarm, placeOf } from './expert/evidence.js';
import { relation } from './expert/explain.js';
import { refine } from './expert/refine.js';
import { survey } from './expert/survey.js';
import type { Observation, Proposal, Tuner, TuningContext } from './types.js';

/** Settings nearer than this to one already tried say nothing new (2 % of a range). */
const TOO_NEAR = 0.02;

/**
 * Rules that reason like a person at the machine, and the default tuner. First coarse moves along the effective
 * slice, both ways and to the ends, because a response may have several dips and its best may lie at an end; then
 * refinement where the neighbours' figures, less an allowance for what nobody has looked at, promise most.
 * Places at or beyond a guardrail breach are never tried again, and it stops when refinement gains no more than
 * the noise.
 */
export const expert: Tuner = {
  name: 'expert',
  async propose(history, context) {
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
  },
};

function coarse(
  history: readonly Observation[],
  context: TuningContext,
  fits: (values: KnobValues) => boolean,
): Proposal | null {
  const start = history[0];
  const plan = direction(start, context);
  const move = survey(context, plan).find(({ values }) => fits(values));
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
