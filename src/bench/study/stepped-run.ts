import type { Knob, KnobValues } from '../../knobs/types.js';
import { figureIn, objectiveOf } from '../../loop/objective.js';
import { tune } from '../../loop/tune.js';
import { lattice } from '../../tuners/lattice.js';
import { bestSetting } from '../../tuners/llm/best.js';
import { checkGuardrails } from '../../workloads/guardrails.js';
import type { Measurement, Workload } from '../../workloads/types.js';
import { meanOf } from './bootstrap.js';
import { type Entrant, type Mark, recordOf, type StudyResult, type StudyRun } from './run.js';
import { snapped } from './snap.js';
import { type Phase, phaseAt, SteppedTarget } from './stepped.js';
import { watchful } from './watchful.js';
import { isUnheard, listening } from './words.js';

/** One of the loads; phases of one name are the same load. */
export interface StepPhase extends Phase {
  readonly name: string;
  /** A window of it under a load seed that nobody searched on. */
  readonly heldOut: (values: KnobValues) => Promise<Measurement>;
}

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
  readonly phases: readonly StepPhase[];
}

/** What one load's lattice came to; figures are means over the load seeds. */
export interface PhaseMarks {
  readonly from: number;
  readonly name: string;
  /** Frozen: on the held-out load seed. */
  readonly default: Mark;
  readonly oracle: Mark;
  /** Every point's figure, the default's first; null where a window had none or a guardrail was breached. */
  readonly points: readonly { readonly values: KnobValues; readonly objective: number | null }[];
}

/** A run, and for each load's name what the best it had there came to, frozen on the held-out seed. */
export interface SteppedRun extends StudyRun {
  readonly frozenAt: Readonly<Record<string, number | null>>;
}

export interface SteppedResult extends StudyResult {
  readonly phases: readonly PhaseMarks[];
  readonly runs: readonly SteppedRun[];
}

/**
 * Measures the lattice under each load, then runs every tuner with every seed through all of them, from the same
 * default and on the same lattice. A tuner that has stopped goes on with its best, and is asked again each window. What
 * had the best mean in a run's windows of a load is then measured once more, under a load seed nobody searched on.
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
  const loads = new Map(phases.map((phase) => [phase.name, phase]));
  const runs: SteppedRun[] = [];
  for (const { name, make } of entrants)
    for (const seed of seeds) {
      const target = new SteppedTarget(study.name, study.cpus, defaults, phases, study.loadSeeds);
      const own = make();
      const words = listening(own);
      const tuner = watchful(snapped(own, points));
      const outcome = await tune({ target, workload, knobs, cycles, seed, tuner });
      const run = { ...recordOf(name, seed, outcome, words()), frozen: null };
      const frozenAt = isUnheard(run)
        ? []
        : [...loads.values()].map(async (load) => {
            const there = outcome.cycles.filter((_, window) => phaseAt(phases, window).name === load.name);
            const best = bestSetting(there, outcome.context);
            return [load.name, best && (await frozenIn(study, load, best.values))] as const;
          });
      runs.push({ ...run, frozenAt: Object.fromEntries(await Promise.all(frozenAt)) });
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
  study: SteppedCase,
  phase: StepPhase,
  note: (text: string) => void,
): Promise<PhaseMarks> {
  const { name, workload, knobs, points, defaults, loadSeeds } = study;
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
  const mark = async (point: (typeof measured)[number]): Promise<Mark> => ({
    ...point,
    frozen: await frozenIn(study, phase, point.values),
  });
  return {
    ...{ from: phase.from, name: phase.name, points: measured },
    default: await mark(measured[0] as (typeof measured)[number]),
    oracle: await mark(best),
  };
}

/** What a setting comes to on the load seed nobody searched on; null where the window had no figure. */
async function frozenIn({ workload, defaults }: SteppedCase, { heldOut }: StepPhase, values: KnobValues) {
  const { metrics } = await heldOut({ ...defaults, ...values });
  return figureIn(metrics, objectiveOf(workload, undefined));
}

/** The marks of the load in force in a window. */
export const marksAt = ({ phases }: SteppedResult, window: number): PhaseMarks => phaseAt(phases, window);
