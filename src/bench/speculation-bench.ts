import { findKnob } from '../knobs/catalogue.js';
import type { KnobValues } from '../knobs/types.js';
import type { Lab } from '../lab/lab.js';
import { prepareTrial } from '../lab/prepare.js';
import { armsOf } from './speculation/arms.js';
import { DegradedTarget } from './speculation/degraded.js';
import { runArms } from './speculation/run.js';
import { type SpeculationRow, summarised } from './speculation/summary.js';
import { planOf, type StudyOptions } from './study/profile.js';

/** Windows of each arm after the first, whose length, ns, and one run of each arm. */
const SHARED = { windowNs: 1_000_000_000, seeds: 1 };
const PROFILES = { quick: { cycles: 25, ...SHARED }, full: { cycles: 60, ...SHARED } };
const KNOBS = [findKnob('latency_ns', 'cfs'), findKnob('min_granularity_ns', 'cfs')];
/** Long periods and a high floor: a task that wakes up waits for long turns. */
const DEGRADED: KnobValues = { latency_ns: 100e6, min_granularity_ns: 10e6 };

export interface SpeculationBench {
  readonly schema: 'tunesmith.bench.lumos-e3/1';
  readonly profile: string;
  readonly window_ns: number;
  readonly rows: readonly SpeculationRow[];
}

/**
 * From a degraded start: speculator and actor, the actor alone (run, not derived), nobody, and a person whose trace is
 * given. Every window has a load seed of its own, so there is one run of each arm.
 * @throws TunesmithError (usage) for an unknown profile, model or trace; (incapable) for a model without its key
 */
export async function speculationBench(
  lab: Lab,
  options: StudyOptions,
  note: (text: string) => void,
): Promise<SpeculationBench> {
  const { cycles, windowNs } = planOf(PROFILES, options);
  const arms = armsOf(options, windowNs / 1e9, KNOBS);
  const trial = await prepareTrial(lab, { kernel: 'cfs', workload: 'pgbench', cpus: 2, seed: 1, windowNs });
  const { workload } = trial;
  const target = () => new DegradedTarget(lab, trial, DEGRADED);
  const runs = await runArms(arms, { workload, knobs: KNOBS, cycles: cycles + 1, target }, note);
  const { profile } = options;
  return { schema: 'tunesmith.bench.lumos-e3/1', profile, window_ns: windowNs, rows: summarised(runs) };
}
