import type { KnobValues } from '../../knobs/types.js';
import type { Lab } from '../../lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../../lab/prepare.js';
import { LabTarget } from '../../lab/target.js';
import { measureWindow } from '../../loop/window.js';
import { presentLoad as changed } from '../../tuners/change-point.js';
import { expert } from '../../tuners/expert.js';
import { makeTuner } from '../../tuners/index.js';
import { PAPER_LATENCIES, virtualClock } from '../../tuners/speculative/clock.js';
import { localSpeculator } from '../../tuners/speculative/local.js';
import { speculative } from '../../tuners/speculative.js';
import { HELD_OUT, LOW_RATE_PER_S, lumosKnobs, RATE_PER_S, STUDIED, tunerSeeds } from './lumos-case.js';
import { outsiders } from './outside.js';
import { planOf, type StudyOptions } from './profile.js';
import type { Entrant } from './run.js';
import { runStepped, type StepPhase, type SteppedCase, type SteppedResult } from './stepped-run.js';

interface Profile {
  readonly cycles: number;
  readonly points: number;
  readonly windowNs: number;
  readonly warmupNs: number;
  readonly seeds: number;
  /** Load seeds of each rate, taken by turns. */
  readonly loadSeeds: number;
}

const PROFILES: Readonly<Record<string, Profile>> = {
  quick: {
    ...{ cycles: 200, points: 8, seeds: 5, loadSeeds: 2 },
    ...{ windowNs: 1_000_000_000, warmupNs: 700_000_000 },
  },
  full: {
    ...{ cycles: 200, points: 15, seeds: 10, loadSeeds: 5 },
    ...{ windowNs: 10_000_000_000, warmupNs: 700_000_000 },
  },
};

/** As in the paper: so low that min_granularity_ns alone sets the turn. */
const LATENCY_NS = 100_000;
const TUNED = 'min_granularity_ns';
const CPUS = 2;

/** Windows in which the rate falls, and rises again. */
export const stepsIn = (cycles: number): readonly [number, number] => [
  Math.round((3 * cycles) / 8),
  Math.round((3 * cycles) / 4),
];

export interface LumosE2 {
  readonly schema: 'tunesmith.bench.lumos-e2/1';
  readonly profile: string;
  readonly window_ns: number;
  readonly rates_per_s: readonly [high: number, low: number];
  readonly studies: readonly SteppedResult[];
}

/**
 * The LumOS paper's second experiment in the lab: one knob, a rate that falls after three eighths of the windows and is
 * back after three quarters (75 and 150 of 200).
 * @throws TunesmithError (usage) for an unknown profile, model or trace; (incapable) for a model without its key
 */
export async function lumosE2(
  lab: Lab,
  options: StudyOptions,
  note: (text: string) => void,
): Promise<LumosE2> {
  const plan = planOf(PROFILES, options);
  const knobs = lumosKnobs(TUNED);
  const others = outsiders(options, plan.windowNs / 1e9, [knobs])(knobs);
  const study = await caseOf(lab, plan);
  const result = await runStepped(study, [...entrants(plan), ...others], tunerSeeds(plan.seeds), note);
  const rates_per_s = [RATE_PER_S, LOW_RATE_PER_S] as const;
  const { profile } = options;
  const { windowNs: window_ns } = plan;
  return { schema: 'tunesmith.bench.lumos-e2/1', profile, window_ns, rates_per_s, studies: [result] };
}

/**
 * The speculative tuner without a model: the local predictor for each window, and as the slow actor the expert's rules
 * at the latency of a model of the paper's Table 3, in virtual time.
 */
export const speculativeExpert = (windowS: number): Entrant => ({
  name: 'speculative expert',
  make: () =>
    speculative({
      ...{ speculator: localSpeculator(changed), actor: expert, changed },
      clock: virtualClock(windowS, PAPER_LATENCIES['gemini-2.5-flash'], 42),
    }),
});

const entrants = ({ windowNs }: Profile): readonly Entrant[] => [
  ...STUDIED.map((name) => ({ name, make: () => makeTuner(name) })),
  speculativeExpert(windowNs / 1e9),
];

/** One rate's load seeds. */
interface Trials {
  readonly search: readonly PreparedTrial[];
  readonly heldOut: PreparedTrial;
}

async function caseOf(lab: Lab, plan: Profile): Promise<SteppedCase> {
  const { windowNs, warmupNs, cycles, points, loadSeeds } = plan;
  const steps = stepsIn(cycles);
  const trialAt = (rate: number, seed: number) =>
    prepareTrial(lab, {
      ...{ kernel: 'cfs', workload: 'pgbench', cpus: CPUS, seed, windowNs, warmupNs },
      parameters: { rate_per_s: rate },
    });
  const trialsAt = async (rate: number): Promise<Trials> => ({
    search: await Promise.all(Array.from({ length: loadSeeds }, (_, i) => trialAt(rate, 1 + i))),
    heldOut: await trialAt(rate, HELD_OUT),
  });
  const high = await trialsAt(RATE_PER_S);
  const low = await trialsAt(LOW_RATE_PER_S);
  const measured = async (trial: PreparedTrial, values: KnobValues) => {
    const target = new LabTarget(lab, trial);
    await target.apply({ ...values, latency_ns: LATENCY_NS });
    return measureWindow(target, 'search');
  };
  const phase = (from: number, rate: number, { search, heldOut }: Trials): StepPhase => ({
    ...{ from, name: `${rate} tx/s` },
    measure: (values, turn) => measured(search[turn % search.length] as PreparedTrial, values),
    heldOut: (values) => measured(heldOut, values),
  });
  const [first] = high.search;
  // Nobody is told of the period: it is never in force.
  const { latency_ns: _, ...defaults } = (first as PreparedTrial).defaults;
  return {
    name: `1P, ${CPUS} CPUs, ${RATE_PER_S} → ${LOW_RATE_PER_S} → ${RATE_PER_S} tx/s`,
    workload: (first as PreparedTrial).workload,
    ...{ knobs: lumosKnobs(TUNED), cycles, points, cpus: CPUS, defaults, loadSeeds },
    phases: [
      phase(0, RATE_PER_S, high),
      phase(steps[0], LOW_RATE_PER_S, low),
      phase(steps[1], RATE_PER_S, high),
    ],
  };
}
