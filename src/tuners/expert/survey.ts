import { withoutContradiction } from '../../knobs/contradiction.js';
import { valueAt } from '../../knobs/scale.js';
import type { Knob, KnobValues } from '../../knobs/types.js';
import type { TuningContext } from '../types.js';
import type { Direction } from './direction.js';
import { placeOf } from './evidence.js';

/** A wide move and what it is, for the reason. */
export interface Move {
  readonly values: KnobValues;
  readonly what: string;
}

const SLICE_KNOBS = ['slice_ns', 'base_slice_ns', 'latency_ns', 'min_granularity_ns'];
const SHORTER = 'shorter turns';
const LONGER = 'longer turns';

/**
 * The coarse moves, in the order to try them. The effective slice comes first, in both directions: with one
 * knob half-way and then to the end, with the CFS pair both knobs together and then against each other (who
 * sets the turn, the period or the floor?). Then, or before that, every other knob to both of its ends.
 */
export function survey(
  context: TuningContext,
  plan: Pick<Direction, 'slice' | 'othersFirst'>,
): readonly Move[] {
  const slice = context.knobs.filter(({ name }) => SLICE_KNOBS.includes(name));
  const others = context.knobs.filter(({ name }) => !SLICE_KNOBS.includes(name));
  const along = slice.length > 1 ? pairMoves(slice) : slice.flatMap((knob) => lineMoves(knob, context));
  const turns = plan.slice === 'shorter' ? along : swapped(along);
  const rest = others.flatMap((knob) =>
    context.knobs.length > 1 ? endMoves(knob) : lineMoves(knob, context),
  );
  const moves = plan.othersFirst ? [...rest, ...turns] : [...turns, ...rest];
  const tuned = context.knobs.map(({ name }) => name);
  return moves.map(({ values, what }) => ({ values: allowed(values, context, tuned), what }));
}

/** Both CFS knobs; one that contradicts the other gives way (`allowed`). */
function pairMoves(knobs: readonly Knob[]): readonly Move[] {
  const ends = (pick: (knob: Knob) => number): KnobValues =>
    Object.fromEntries(knobs.map((knob) => [knob.name, pick(knob)]));
  const isFloor = ({ name }: Knob): boolean => name === 'min_granularity_ns';
  return [
    { values: ends(({ min }) => min), what: `${SHORTER}: both knobs at the low end` },
    { values: ends(({ max }) => max), what: `${LONGER}: both knobs at the high end` },
    { values: ends((knob) => (isFloor(knob) ? knob.min : knob.max)), what: 'a long period with a low floor' },
    {
      values: ends((knob) => (isFloor(knob) ? knob.max : knob.min)),
      what: 'a high floor with the shortest period it allows',
    },
  ];
}

function lineMoves(knob: Knob, context: TuningContext): readonly Move[] {
  const start = placeOf({}, { ...context, knobs: [knob] })[0] as number;
  const [down, up] = SLICE_KNOBS.includes(knob.name)
    ? [SHORTER, LONGER]
    : ['a lower value', 'a higher value'];
  const at = (position: number): KnobValues => ({ [knob.name]: valueAt(knob, position) });
  return [
    { values: at(start / 2), what: `${down}, half-way` },
    { values: at((1 + start) / 2), what: `${up}, half-way` },
    { values: at(0), what: `${down}, to the end` },
    { values: at(1), what: `${up}, to the end` },
  ];
}

const endMoves = (knob: Knob): readonly Move[] => [
  { values: { [knob.name]: knob.min }, what: `${knob.name} at its low end` },
  { values: { [knob.name]: knob.max }, what: `${knob.name} at its high end` },
];

/** Low and high come in pairs; this puts high first. */
const swapped = (moves: readonly Move[]): readonly Move[] => moves.map((move, i) => moves[i ^ 1] ?? move);

/** The move with every tuned knob named, and without contradictions. */
function allowed(values: KnobValues, context: TuningContext, tuned: readonly string[]): KnobValues {
  const whole = withoutContradiction({ ...context.defaults, ...values }, tuned);
  return Object.fromEntries(tuned.map((name) => [name, whole[name] as number]));
}
