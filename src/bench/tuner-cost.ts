import { availableParallelism, cpus } from 'node:os';
import { parseKnobList } from '../knobs/parse.js';
import { positionOf } from '../knobs/scale.js';
import type { KnobValues } from '../knobs/types.js';
import { MODEL_TUNERS, makeTuner, TUNERS } from '../tuners/index.js';
import { prng } from '../tuners/prng.js';
import { PAPER_LATENCIES, virtualClock } from '../tuners/speculative/clock.js';
import { modelTuner, speculativeWithModel } from '../tuners/speculative/with-model.js';
import type { Observation, Tuner, TuningContext } from '../tuners/types.js';
import { instantModel } from './models/instant.js';
import { median } from './statistics.js';
import { table } from './table.js';

const CYCLES = 201;
/** CPU time a proposal may take, ms: the median of all, and the longest. */
const BAR = { middle: 20, longest: 500 };

/** CPU time of one tuner's proposals, ms. */
export interface TunerCost {
  readonly tuner: string;
  readonly proposals: number;
  readonly middle: number;
  readonly longest: number;
}

export interface TunerBench {
  readonly schema: 'tunesmith.bench.tuners/1';
  readonly machine: string;
  readonly rows: readonly TunerCost[];
  readonly text: string;
}

/**
 * The CPU time that each tuner takes for a proposal, up to 200 observations of two knobs; `seeds` runs of each. Those
 * that ask a model ask one that answers at once: what is measured is their own work.
 */
export async function tunerBench(seeds: number, note: (text: string) => void): Promise<TunerBench> {
  const rows: TunerCost[] = [];
  const others = ['human', 'fixed'];
  for (const tuner of TUNERS.filter((name) => !others.includes(name))) {
    const times: number[] = [];
    for (let seed = 1; seed <= seeds; seed++) times.push(...(await proposalTimes(tuner, seed)));
    rows.push({ tuner, proposals: times.length, middle: median(times), longest: Math.max(...times) });
    note(tuner);
  }
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`;
  const lines = rows.map(({ tuner, proposals, middle, longest }) => {
    const met = middle <= BAR.middle && longest <= BAR.longest ? 'met' : 'not met';
    return [tuner, `${proposals}`, middle.toFixed(2), longest.toFixed(0), met];
  });
  const head = [
    'tuner',
    'proposals',
    `CPU p50, ms (bar ${BAR.middle})`,
    `longest, ms (bar ${BAR.longest})`,
    '',
  ];
  return {
    schema: 'tunesmith.bench.tuners/1',
    machine,
    rows,
    text: `${machine}\n\n${table([head, ...lines])}`,
  };
}

async function proposalTimes(name: string, seed: number): Promise<number[]> {
  const context: TuningContext = {
    knobs: parseKnobList('latency_ns,min_granularity_ns', 'cfs'),
    defaults: { latency_ns: 12e6, min_granularity_ns: 1.5e6 },
    objective: { metric: 'txn_p99_ns', direction: 'lower', unit: 'ns' },
    ...{ workload: 'pgbench', cpus: 2, cycles: CYCLES, seed },
  };
  const tuner = MODEL_TUNERS.includes(name) ? scripted(name, seed) : makeTuner(name);
  const history: Observation[] = [observed(context, 0, { latency_ns: 12e6, min_granularity_ns: 1.5e6 })];
  const times: number[] = [];
  while (history.length < CYCLES) {
    const before = process.cpuUsage();
    const proposal = await tuner.propose(history, context);
    const { user, system } = process.cpuUsage(before);
    if (!proposal) break;
    times.push((user + system) / 1000);
    history.push(observed(context, history.length, proposal.values));
  }
  tuner.close?.();
  return times;
}

/** A tuner of that name with a model that draws any setting; its decisions arrive as the paper's quickest did. */
function scripted(name: string, seed: number): Tuner {
  const model = instantModel((nth) => {
    const draw = prng(seed, nth);
    const latency = 2e6 * 50 ** draw();
    return { latency_ns: Math.round(latency), min_granularity_ns: Math.round(2e5 * 10 ** draw()) };
  });
  if (name === 'llm') return modelTuner({ model });
  return speculativeWithModel({ model }, virtualClock(1, PAPER_LATENCIES['gemini-2.5-flash-lite'], seed));
}

/** A valley whose figures are rough by a twentieth, the same for the same setting; the load does not change. */
function observed({ knobs }: TuningContext, cycle: number, values: KnobValues): Observation {
  const [u = 0, v = 0] = knobs.map((knob) => positionOf(knob, values[knob.name] as number));
  const rough = 1 + 0.05 * Math.sin(900 * u + 1300 * v);
  const objective = 60e6 * (1 + (u - 0.3) ** 2 + (v - 0.2) ** 2) * rough;
  const metrics = { throughput_per_s: 700 * rough, wakeups_per_s: 5000 * rough, runq_waiting: 6 * rough };
  return {
    cycle,
    values,
    objective,
    measurement: { metrics, distributions: {}, knobs: values, windowNs: 1e9 },
    outcome: cycle === 0 ? 'default' : 'put back',
    note: '',
  };
}
