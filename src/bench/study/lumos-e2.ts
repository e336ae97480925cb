import type { KnobValues } from '../../knobs/types.js';
import type { Lab } from '../../lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../../lab/prepare.js';
import { LabTarget } from '../../lab/target.js';
import { lastChange } from '../../tuners/change-point.js';
import { expert } from '../../tuners/expert.js';
import { makeTuner } from '../../tuners/index.js';
import type { ChangeDetector } from '../../tuners/llm/options.js';
import { PAPER_LATENCIES, virtualClock } from '../../tuners/speculative/clock.js';
import { localSpeculator } from '../../tuners/speculative/local.js';
import { speculative } from '../../tuners/speculative.js';
import { LOW_RATE_PER_S, lumosKnobs, RATE_PER_S, STUDIED, tunerSeeds } from './lumos-case.js';
import { profileOf } from './profile.js';
import type { Entrant } from './run.js';
import { runStepped, type SteppedCase, type SteppedResult } from './stepped-run.js';

interface Profile {
  readonly cycles: number;
  /** Windows in which the rate falls, and rises again. */
  readonly steps: readonly [number, number];
  readonly points: number;
  readonly windowNs: number;
  readonly warmupNs: number;
  readonly seeds: number;
  /** Load seeds of each rate, taken by turns. */
  readonly loadSeeds: number;
}

const PROFILES: Readonly<Record<string, Profile>> = {
  quick: {
    ...{ cycles: 200, steps: [75, 150], points: 8, seeds: 5, loadSeeds: 2 },
    ...{ windowNs: 1_000_000_000, warmupNs: 700_000_000 },
  },
  full: {
    ...{ cycles: 200, steps: [75, 150], points: 15, seeds: 10, loadSeeds: 5 },
    ...{ windowNs: 10_000_000_000, warmupNs: 700_000_000 },
  },
};

/** As in the paper: so low that min_granularity_ns alone sets the turn. */
const LATENCY_NS = 100_000;
const CPUS = 2;

export interface LumosE2 {
  readonly schema: 'tunesmith.bench.lumos-e2/1';
  readonly profile: string;
  readonly rates_per_s: readonly [high: number, low: number];
  readonly studies: readonly SteppedResult[];
}

/**
 * The LumOS paper's second experiment in the lab: one knob, a rate that falls in window 75 and is back in window 150.
 * @throws TunesmithError (usage) for an unknown profile
 */
export async function lumosE2(
  lab: Lab,
  { profile, seeds }: { readonly profile: string; readonly seeds?: number | undefined },
  note: (text: string) => void,
): Promise<LumosE2> {
  const plan = profileOf(PROFILES, profile);
  const study = await caseOf(lab, plan);
  const result = await runStepped(study, entrants(plan), tunerSeeds(seeds ?? plan.seeds), note);
  const rates_per_s = [RATE_PER_S, LOW_RATE_PER_S] as const;
  return { schema: 'tunesmith.bench.lumos-e2/1', profile, rates_per_s, studies: [result] };
}

const changed: ChangeDetector = (history, context) => lastChange(history, context)?.from ?? 0;

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

async function caseOf(lab: Lab, plan: Profile): Promise<SteppedCase> {
  const { windowNs, warmupNs, cycles, points, steps, loadSeeds } = plan;
  const trialsAt = (rate: number) =>
    Promise.all(
      Array.from({ length: loadSeeds }, (_, i) =>
        prepareTrial(lab, {
          ...{ kernel: 'cfs', workload: 'pgbench', cpus: CPUS, seed: 1 + i, windowNs, warmupNs },
          parameters: { rate_per_s: rate },
        }),
      ),
    );
  const high = await trialsAt(RATE_PER_S);
  const low = await trialsAt(LOW_RATE_PER_S);
  const measured = async (trials: readonly PreparedTrial[], values: KnobValues, seed: number) => {
    const target = new LabTarget(lab, trials[seed % trials.length] as PreparedTrial);
    await target.apply({ ...values, latency_ns: LATENCY_NS });
    return target.measure('search');
  };
  const phase = (from: number, rate: number, trials: readonly PreparedTrial[]) => ({
    ...{ from, name: `${rate} tx/s` },
    measure: (values: KnobValues, seed: number) => measured(trials, values, seed),
  });
  const [first] = high;
  // Nobody is told of the period: it is never in force.
  const { latency_ns: _, ...defaults } = (first as PreparedTrial).defaults;
  return {
    name: `1P, ${CPUS} CPUs, ${RATE_PER_S} → ${LOW_RATE_PER_S} → ${RATE_PER_S} tx/s`,
    workload: (first as PreparedTrial).workload,
    ...{ knobs: lumosKnobs('min_granularity_ns'), cycles, points, cpus: CPUS, defaults, loadSeeds },
    phases: [
      phase(0, RATE_PER_S, high),
      phase(steps[0], LOW_RATE_PER_S, low),
      phase(steps[1], RATE_PER_S, high),
    ],
  };
}
