import type { Knob, KnobValues } from '../../knobs/types.js';
import { figureIn, objectiveOf } from '../../loop/objective.js';
import { tune } from '../../loop/tune.js';
import { lattice } from '../../tuners/lattice.js';
import { checkGuardrails } from '../../workloads/guardrails.js';
import type { Workload } from '../../workloads/types.js';
import { meanOf } from './bootstrap.js';
import type { Entrant, Mark, StudyResult } from './run.js';
import { snapped } from './snap.js';
import { type Phase, phaseAt, SteppedTarget } from './stepped.js';
import { watchful } from './watchful.js';

/** A load that changes, and the knobs to tune for it. */
export interface SteppedCase {
  readonly name: string;
  readonly workload: Workload;
  readonly knobs: readonly Knob[];
  readonly cycles: number;
  readonly points: number;
  readonly cpus: number;
  readonly defaults: KnobValues;
  /** Different windows of one setting there are, in every phase. */
  readonly loadSeeds: number;
  readonly phases: readonly (Phase & { readonly name: string })[];
}

/** What one load's lattice came to; figures are means over the load seeds. */
export interface PhaseMarks {
  readonly from: number;
  readonly name: string;
  readonly default: Mark;
  readonly oracle: Mark;
  /** Every point's figure, the default's first; null where a window had none or a guardrail was breached. */
  readonly points: readonly { readonly values: KnobValues; readonly objective: number | null }[];
}

export interface SteppedResult extends StudyResult {
  readonly phases: readonly PhaseMarks[];
}

/**
 * Measures the lattice under each load, then runs every tuner with every seed through all of them, from the same
 * default and on the same lattice. A tuner that has stopped goes on with its best, and is asked again each window.
 */
export async function runStepped(
  study: SteppedCase,
  entrants: readonly Entrant[],
  seeds: readonly number[],
  note: (text: string) => void = () => {},
): Promise<SteppedResult> {
  const { workload, knobs, cycles, points, phases, defaults } = study;
  const objective = objectiveOf(workload, undefined);
  const marks: PhaseMarks[] = [];
  for (const phase of phases) marks.push(await marksOf(study, phase, note));
  const runs: StudyResult['runs'][number][] = [];
  for (const { name, make } of entrants)
    for (const seed of seeds) {
      const target = new SteppedTarget(study.name, study.cpus, defaults, phases, study.loadSeeds);
      const tuner = watchful(snapped(make(), points));
      const { cycles: all, best } = await tune({ target, workload, knobs, cycles, seed, tuner });
      runs.push({
        ...{ tuner: name, seed, best, frozen: null },
        values: all.map(({ values }) => values),
        objectives: all.map((cycle) => cycle.objective),
      });
      note(`${study.name}: ${name}, seed ${seed}`);
    }
  const { metric, direction, unit } = objective;
  const [first] = marks as [PhaseMarks];
  return {
    ...{ name: study.name, workload: workload.name, objective: { metric, direction, unit }, cycles, runs },
    knobs: knobs.map(({ name, unit: own, min, max, scale }) => ({ name, unit: own, min, max, scale })),
    ...{ default: first.default, oracle: { ...first.oracle, points: first.points.length }, phases: marks },
    changes: marks.slice(1).map(({ from }) => from),
  };
}

async function marksOf(
  { name, workload, knobs, points, defaults, loadSeeds }: SteppedCase,
  phase: SteppedCase['phases'][number],
  note: (text: string) => void,
): Promise<PhaseMarks> {
  const objective = objectiveOf(workload, undefined);
  const origin = Object.fromEntries(knobs.map((knob) => [knob.name, defaults[knob.name] as number]));
  const windows = async (values: KnobValues) => {
    const seeds = Array.from({ length: loadSeeds }, (_, seed) => seed);
    const all = await Promise.all(seeds.map((seed) => phase.measure({ ...defaults, ...values }, seed)));
    return all.map(({ metrics }) => metrics);
  };
  const start = await windows(origin);
  const measured = await Promise.all(
    [origin, ...lattice(knobs, points, defaults)].map(async (values) => {
      const all = await windows(values);
      const figures = all.map((metrics) => figureIn(metrics, objective)).filter((figure) => figure !== null);
      const sound = all.every((metrics) => checkGuardrails(workload, metrics, start).breaches.length === 0);
      const whole = sound && figures.length === all.length;
      return { values, objective: whole ? meanOf(figures) : null };
    }),
  );
  note(`${name}: ${phase.name} measured`);
  const sign = objective.direction === 'lower' ? 1 : -1;
  const best = measured.reduce((a, b) => {
    if (b.objective === null) return a;
    return a.objective === null || sign * b.objective < sign * a.objective ? b : a;
  });
  const mark = (point: { values: KnobValues; objective: number | null }): Mark => ({
    ...point,
    frozen: null,
  });
  return {
    ...{ from: phase.from, name: phase.name, points: measured },
    ...{ default: mark(measured[0] as (typeof measured)[number]), oracle: mark(best) },
  };
}

/** The marks of the load in force in a window. */
export const marksAt = ({ phases }: SteppedResult, window: number): PhaseMarks => phaseAt(phases, window);
