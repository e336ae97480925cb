import type { Lab } from '../../lab/lab.js';
import { prepareTrial } from '../../lab/prepare.js';
import { LabTarget } from '../../lab/target.js';
import { makeTuner } from '../../tuners/index.js';
import { HELD_OUT, lumosKnobs, RATE_PER_S, STUDIED, tunerSeeds } from './lumos-case.js';
import { outsiders } from './outside.js';
import { planOf, type StudyOptions } from './profile.js';
import { type Entrant, runStudy, type StudyCase, type StudyResult } from './run.js';

const KNOBS = ['min_granularity_ns', 'latency_ns,min_granularity_ns'] as const;

interface Profile {
  readonly cycles: number;
  readonly cpus: readonly number[];
  /** Lattice points for one knob, and per knob for two; the eight values of the agents’ tables are among them. */
  readonly points: readonly [number, number];
  /** Length of a window and of what is run before it, ns. */
  readonly windowNs: number;
  readonly warmupNs: number;
  readonly seeds: number;
  readonly heldOut: number;
}

const PROFILES: Readonly<Record<string, Profile>> = {
  quick: {
    ...{ cycles: 200, cpus: [2], points: [15, 8], seeds: 5, heldOut: 4 },
    ...{ windowNs: 800_000_000, warmupNs: 700_000_000 },
  },
  full: {
    ...{ cycles: 200, cpus: [1, 2], points: [29, 15], seeds: 10, heldOut: 5 },
    ...{ windowNs: 10_000_000_000, warmupNs: 700_000_000 },
  },
};

/** The trials' load seed to search on. */
const SEARCHED = 1;

export interface LumosE1 {
  readonly schema: 'tunesmith.bench.lumos-e1/1';
  readonly profile: string;
  readonly window_ns: number;
  readonly rate_per_s: number;
  readonly studies: readonly StudyResult[];
}

/**
 * The LumOS paper's first experiment in the lab: CFS, PostgreSQL at a fixed rate, 16 clients, one knob and two. Trials
 * come from the cache where they are known, so an interrupted study goes on where it was.
 * @throws TunesmithError (usage) for an unknown profile, model or trace; (incapable) for a model without its key
 */
export async function lumosE1(
  lab: Lab,
  options: StudyOptions,
  note: (text: string) => void,
): Promise<LumosE1> {
  const plan = planOf(PROFILES, options);
  // First of all: a key that is missing should not be found out after an hour.
  const others = outsiders(options, plan.windowNs / 1e9, KNOBS.map(lumosKnobs));
  const entrants: Entrant[] = STUDIED.map((name) => ({ name, make: () => makeTuner(name) }));
  const studies: StudyResult[] = [];
  for (const cpus of plan.cpus)
    for (const names of KNOBS) {
      const study = await caseOf(lab, plan, cpus, names);
      const all = [...entrants, ...others(study.knobs)];
      studies.push(await runStudy(study, all, tunerSeeds(plan.seeds), note));
    }
  const { profile } = options;
  const { windowNs: window_ns } = plan;
  return { schema: 'tunesmith.bench.lumos-e1/1', profile, window_ns, rate_per_s: RATE_PER_S, studies };
}

async function caseOf(lab: Lab, plan: Profile, cpus: number, names: string): Promise<StudyCase> {
  const { windowNs, warmupNs, cycles } = plan;
  const prepare = (seed: number) =>
    prepareTrial(lab, {
      ...{ kernel: 'cfs', workload: 'pgbench', cpus, seed, windowNs, warmupNs },
      parameters: { rate_per_s: RATE_PER_S },
    });
  const search = await prepare(SEARCHED);
  const held = await Promise.all(Array.from({ length: plan.heldOut }, (_, turn) => prepare(HELD_OUT + turn)));
  const knobs = lumosKnobs(names);
  return {
    name: `${knobs.length}P, ${cpus} CPU${cpus === 1 ? '' : 's'}`,
    workload: search.workload,
    ...{ knobs, cycles, points: plan.points[knobs.length - 1] as number, heldOut: plan.heldOut },
    target: async (which, turn) => new LabTarget(lab, which === 'search' ? search : (held[turn] ?? search)),
  };
}
