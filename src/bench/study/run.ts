import type { Target } from '../../change/target.js';
import type { Knob, KnobValues } from '../../knobs/types.js';
import { figureIn, objectiveOf } from '../../loop/objective.js';
import { tune } from '../../loop/tune.js';
import { measureWindow } from '../../loop/window.js';
import { lattice } from '../../tuners/lattice.js';
import type { Observation, Tuner } from '../../tuners/types.js';
import { checkGuardrails } from '../../workloads/guardrails.js';
import type { Measurement, Workload } from '../../workloads/types.js';
import { meanOf } from './bootstrap.js';
import { snapped } from './snap.js';
import { isUnheard, listening, type Words } from './words.js';

/** One load and the knobs to tune for it. */
export interface StudyCase {
  readonly name: string;
  readonly workload: Workload;
  readonly knobs: readonly Knob[];
  /** Measured windows of each run, the default's included. */
  readonly cycles: number;
  /** Values per knob of the lattice that all are held to. */
  readonly points: number;
  /** A target of one's own. `held out` has another load seed than the one that is searched on, another for each turn. */
  readonly target: (which: 'search' | 'held out', turn: number) => Promise<Target>;
  /** Held-out load seeds; turns are counted from 0. */
  readonly heldOut: number;
}

/**
 * One tuner's run with one seed. Figures that could not be had are null, never 0: so are all of a model that was not
 * heard once.
 */
export interface StudyRun extends Words {
  readonly tuner: string;
  readonly seed: number;
  /** What was in force in each cycle; after a tuner has stopped, its best. */
  readonly values: readonly KnobValues[];
  readonly objectives: readonly (number | null)[];
  /** Cycles in which a guardrail was breached. */
  readonly breaches?: readonly number[];
  readonly best: { readonly cycle: number; readonly values: KnobValues; readonly objective: number | null };
  /** The best, frozen: mean over the load seeds that nobody searched on. */
  readonly frozen: number | null;
}

/** A setting with its figure on the seed searched on, and the mean over the held-out ones. */
export interface Mark {
  readonly values: KnobValues;
  readonly objective: number | null;
  readonly frozen: number | null;
}

export interface StudyResult {
  readonly name: string;
  readonly workload: string;
  readonly objective: {
    readonly metric: string;
    readonly direction: 'lower' | 'higher';
    readonly unit: string;
  };
  readonly knobs: readonly Pick<Knob, 'name' | 'unit' | 'min' | 'max' | 'scale'>[];
  readonly cycles: number;
  readonly default: Mark;
  /** The best of all points that breach no guardrail: nobody can do better on the seed searched on. */
  readonly oracle: Mark & { readonly points: number };
  readonly runs: readonly StudyRun[];
  /** Cycles in which the load changed. */
  readonly changes?: readonly number[];
}

/** A cycle as a study keeps it. */
type Window = Pick<Observation, 'values' | 'objective'> & Partial<Pick<Observation, 'outcome'>>;

export interface Entrant {
  readonly name: string;
  readonly make: () => Tuner;
}

/**
 * Measures the whole lattice, then runs every tuner with every seed from the same default point, with the same budget,
 * on the same lattice and scales; then every best, frozen, on the held-out seeds.
 */
export async function runStudy(
  study: StudyCase,
  entrants: readonly Entrant[],
  seeds: readonly number[],
  note: (text: string) => void = () => {},
): Promise<StudyResult> {
  const { workload, knobs, cycles, points } = study;
  const objective = objectiveOf(workload, undefined);
  const defaults = await (await study.target('search', 0)).defaults();
  const origin = Object.fromEntries(knobs.map(({ name }) => [name, defaults[name] as number]));
  const measured = async (
    which: 'search' | 'held out',
    values: KnobValues,
    turn = 0,
  ): Promise<Measurement> => {
    const target = await study.target(which, turn);
    await target.apply(values);
    return measureWindow(target, 'search');
  };
  const figure = ({ metrics }: Measurement): number | null => figureIn(metrics, objective);
  const frozen = async (values: KnobValues) => {
    const turns = Array.from({ length: study.heldOut }, (_, turn) => measured('held out', values, turn));
    const figures = (await Promise.all(turns)).map(figure).filter((value) => value !== null);
    return figures.length === study.heldOut ? meanOf(figures) : null;
  };

  const start = await measured('search', origin);
  const rows = lattice(knobs, points, defaults);
  let done = 0;
  const grid = await Promise.all(
    rows.map(async (values) => {
      const found = await measured('search', values);
      note(`${study.name}: point ${++done} of ${rows.length}`);
      return { values, objective: figure(found), metrics: found.metrics };
    }),
  );
  const sound = grid.filter(
    ({ metrics }) => checkGuardrails(workload, metrics, [start.metrics]).breaches.length === 0,
  );
  const best = [{ values: origin, objective: figure(start) }, ...sound].reduce((a, b) =>
    isBetter(objective.direction, b.objective, a.objective) ? b : a,
  );

  const runs: Omit<StudyRun, 'frozen'>[] = [];
  for (const { name, make } of entrants)
    for (const seed of seeds) {
      const target = await study.target('search', 0);
      const tuner = make();
      const words = listening(tuner);
      const outcome = await tune({ target, workload, knobs, cycles, seed, tuner: snapped(tuner, points) });
      const held = { values: outcome.best.values, objective: outcome.best.objective };
      const after = Array.from({ length: cycles - outcome.cycles.length }, () => held);
      runs.push(recordOf(name, seed, { ...outcome, cycles: [...outcome.cycles, ...after] }, words()));
      note(`${study.name}: ${name}, seed ${seed}`);
    }
  const { metric, direction, unit } = objective;
  const held = runs.map(async (run) => ({
    ...run,
    frozen: isUnheard(run) ? null : await frozen(run.best.values),
  }));
  return {
    ...{ name: study.name, workload: workload.name, objective: { metric, direction, unit }, cycles },
    runs: await Promise.all(held),
    knobs: knobs.map(({ name, unit: own, min, max, scale }) => ({ name, unit: own, min, max, scale })),
    default: { values: origin, objective: figure(start), frozen: await frozen(origin) },
    oracle: {
      values: best.values,
      objective: best.objective,
      frozen: await frozen(best.values),
      points: rows.length,
    },
  };
}

/** What a run left behind, but for its frozen figures. */
export function recordOf(
  tuner: string,
  seed: number,
  { cycles, best }: { readonly cycles: readonly Window[]; readonly best: StudyRun['best'] },
  words: Words,
): Omit<StudyRun, 'frozen'> {
  const hidden = isUnheard(words);
  return {
    ...{ tuner, seed, ...words, best: hidden ? { ...best, objective: null } : best },
    values: hidden ? [] : cycles.map(({ values }) => values),
    objectives: cycles.map(({ objective }) => (hidden ? null : objective)),
    breaches: cycles.flatMap(({ outcome }, cycle) => (outcome === 'breach' ? [cycle] : [])),
  };
}

const isBetter = (direction: 'lower' | 'higher', a: number | null, b: number | null): boolean =>
  a !== null && (b === null || (direction === 'lower' ? a < b : a > b));
