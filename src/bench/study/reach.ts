import type { Target } from '../../change/target.js';
import type { Knob, KnobValues } from '../../knobs/types.js';
import { figureIn, objectiveOf } from '../../loop/objective.js';
import { tune } from '../../loop/tune.js';
import { measureWindow } from '../../loop/window.js';
import { makeTuner } from '../../tuners/index.js';
import { lattice } from '../../tuners/lattice.js';
import { checkGuardrails } from '../../workloads/guardrails.js';
import type { Workload } from '../../workloads/types.js';
import { meanOf } from './bootstrap.js';
import { NEAR } from './figures.js';
import { snapped } from './snap.js';

/** Cycles of each run. */
export const CYCLES = 20;
const TUNERS = ['expert', 'random', 'bayesian'] as const;

/** A load, and a machine for each of its load seeds. */
export interface ReachCase {
  readonly workload: Workload;
  readonly knobs: readonly Knob[];
  /** Values per knob of the lattice that all are held to. */
  readonly points: number;
  /** The expert's rules were not looked at with it. */
  readonly isHeldOut: boolean;
  readonly targets: readonly (() => Target)[];
}

/** One tuner's runs on one load; per load seed, null where none was within the run. */
export interface ReachRow {
  readonly tuner: string;
  /** The cycle (1 is the default's) from which a setting within 3 % of the oracle was held as the best. */
  readonly held: readonly (number | null)[];
  /** The first cycle in which such a setting was measured, whether the run knew its worth or not. */
  readonly tried: readonly (number | null)[];
  /** The first cycle whose figure was within 3 % of the lattice's best under the run's own load seed, lucky or not. */
  readonly own: readonly (number | null)[];
}

/** A setting and its mean objective over the load seeds; null where a window has none, or a guardrail is breached. */
interface Point {
  readonly values: KnobValues;
  readonly objective: number | null;
  /** The same of each load seed. */
  readonly bySeed: readonly (number | null)[];
}

export interface ReachResult {
  readonly workload: string;
  readonly isHeldOut: boolean;
  readonly metric: string;
  readonly points: number;
  readonly default: number | null;
  readonly oracle: Point;
  /** Share of the lattice's points within 3 % of the oracle. */
  readonly near: number;
  readonly rows: readonly ReachRow[];
}

/**
 * How soon tuners hold a setting as good as the oracle's. Each run sees one load seed; what a setting is worth is its
 * mean over all of them, so that a lucky window is neither oracle nor merit.
 */
export async function reach(study: ReachCase, note: (text: string) => void = () => {}): Promise<ReachResult> {
  const { workload, knobs, points, targets, isHeldOut } = study;
  const objective = objectiveOf(workload, undefined);
  const sign = objective.direction === 'lower' ? 1 : -1;
  const { origin, rows } = await latticeOf(study);
  const start = await windowsOf(study, origin);
  let done = 0;
  const known = await Promise.all(
    [origin, ...rows].map(async (values): Promise<Point> => {
      const all = await windowsOf(study, values);
      note(`${workload.name}: point ${++done} of ${rows.length + 1}`);
      const bySeed = all.map((metrics, i) => {
        const { breaches } = checkGuardrails(workload, metrics, start.slice(i, i + 1));
        return breaches.length === 0 ? figureIn(metrics, objective) : null;
      });
      const figures = bySeed.filter((figure) => figure !== null);
      return { values, bySeed, objective: figures.length === all.length ? meanOf(figures) : null };
    }),
  );
  const isBetter = (a: number | null, b: number | null) => a !== null && (b === null || sign * a < sign * b);
  const oracle = known.reduce((a, b) => (isBetter(b.objective, a.objective) ? b : a));
  const ofSeed = targets.map((_, i) =>
    known.reduce<number | null>((best, { bySeed }) => {
      const figure = bySeed[i] ?? null;
      return isBetter(figure, best) ? figure : best;
    }, null),
  );
  const isNear = (figure: number | null, best: number | null) =>
    figure !== null && best !== null && sign * (figure / best - 1) <= NEAR;
  const near = new Set(
    known.filter((point) => isNear(point.objective, oracle.objective)).map(({ values }) => keyOf(values)),
  );
  const rowOf = async (tuner: string): Promise<ReachRow> => {
    const runs = await Promise.all(
      targets.map((target, i) => {
        const held = snapped(makeTuner(tuner), points);
        return tune({ target: target(), workload, knobs, cycles: CYCLES, seed: 42 + i, tuner: held });
      }),
    );
    const first = (index: number) => (index < 0 ? null : index + 1);
    const isKept = (outcome: string) => outcome === 'default' || outcome === 'kept';
    return {
      tuner,
      held: runs.map(({ cycles }) =>
        first(cycles.findIndex(({ outcome, values }) => isKept(outcome) && near.has(keyOf(values)))),
      ),
      tried: runs.map(({ cycles }) => first(cycles.findIndex(({ values }) => near.has(keyOf(values))))),
      own: runs.map(({ cycles }, i) =>
        first(
          cycles.findIndex(
            ({ objective, outcome }) => outcome !== 'breach' && isNear(objective, ofSeed[i] ?? null),
          ),
        ),
      ),
    };
  };
  return {
    ...{ workload: workload.name, isHeldOut, metric: objective.metric, points: rows.length, oracle },
    default: known[0]?.objective ?? null,
    near: rows.filter((values) => near.has(keyOf(values))).length / rows.length,
    rows: await Promise.all(TUNERS.map(rowOf)),
  };
}

async function latticeOf({ knobs, points, targets }: ReachCase) {
  const defaults = (await targets[0]?.().defaults()) ?? {};
  const origin = Object.fromEntries(knobs.map(({ name }) => [name, defaults[name] as number]));
  return { origin, rows: lattice(knobs, points, defaults) };
}

/** One window of a setting for each load seed. */
const windowsOf = ({ targets }: ReachCase, values: KnobValues) =>
  Promise.all(
    targets.map(async (make) => {
      const target = make();
      await target.apply(values);
      return (await measureWindow(target, 'search')).metrics;
    }),
  );

const keyOf = (values: KnobValues): string => JSON.stringify(Object.entries(values).sort());
