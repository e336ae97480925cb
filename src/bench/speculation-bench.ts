import { findKnob } from '../knobs/catalogue.js';
import type { KnobValues } from '../knobs/types.js';
import { Lab } from '../lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../lab/prepare.js';
import type { Cycle } from '../loop/result.js';
import { tune } from '../loop/tune.js';
import { expert } from '../tuners/expert.js';
import { fixed } from '../tuners/fixed.js';
import { rankedSettings } from '../tuners/llm/best.js';
import { configText } from '../tuners/llm/window-line.js';
import { PAPER_LATENCIES, virtualClock } from '../tuners/speculative/clock.js';
import { localSpeculator } from '../tuners/speculative/local.js';
import { settled } from '../tuners/speculative/settled.js';
import { speculative } from '../tuners/speculative.js';
import type { Tuner, TuningContext } from '../tuners/types.js';
import { formatValue } from '../units.js';
import { DegradedTarget } from './speculation/degraded.js';
import { table } from './table.js';

const WINDOW_NS = 1e9;
const ACTOR = 'gemini-2.5-flash';
const KNOBS = [findKnob('latency_ns', 'cfs'), findKnob('min_granularity_ns', 'cfs')];
/** Long periods and a high floor: a task that wakes up waits for long turns. */
const DEGRADED: KnobValues = { latency_ns: 100e6, min_granularity_ns: 10e6 };
/** Recovered: within this share of the best setting any arm found. */
const NEAR = 0.1;

/** One arm from the degraded start. */
export interface SpeculationRow {
  readonly arm: string;
  /** The objective, window by window; null where a window gave none. */
  readonly windows: readonly (number | null)[];
  /** Mean over all windows after the first. */
  readonly mean: number;
  /**
   * The first window whose setting is kept and lies within 10 % of the best, by the means of all windows of a
   * setting in all arms; null when there is none.
   */
  readonly recovered: number | null;
  readonly remarks: readonly string[];
}

export interface SpeculationBench {
  readonly schema: 'tunesmith.bench.lumos-e3/1';
  readonly rows: readonly SpeculationRow[];
  readonly text: string;
}

/** Stays as it is, window after window. */
const untuned: Tuner = {
  name: 'untuned',
  propose: async (history, context) => settled(history.slice(0, 1), context),
};

/**
 * From a degraded start, one-second windows: speculator and actor, the actor alone (run, not derived), nobody. The
 * actor is the expert's rules with the latency of a model of the paper's Table 3, in virtual time.
 * @param windows in each arm
 */
export async function speculationBench(
  windows: number,
  note: (text: string) => void,
): Promise<SpeculationBench> {
  const lab = new Lab({ fresh: false });
  const clock = () => virtualClock(WINDOW_NS / 1e9, PAPER_LATENCIES[ACTOR], 42);
  const none = () => 0;
  const arms: readonly Tuner[] = [
    named(
      'speculator + actor',
      speculative({ speculator: localSpeculator(none), actor: expert, clock: clock() }),
    ),
    named('actor alone', speculative({ speculator: fixed, actor: expert, clock: clock() })),
    untuned,
  ];
  try {
    const request = { kernel: 'cfs', workload: 'pgbench', cpus: 2, seed: 1, windowNs: WINDOW_NS };
    const trial = await prepareTrial(lab, request);
    const runs = await Promise.all(
      arms.map(async (tuner) => {
        const run = await runArm(lab, trial, tuner, windows + 1);
        note(`${tuner.name}: done`);
        return run;
      }),
    );
    const rows = summarised(runs);
    return { schema: 'tunesmith.bench.lumos-e3/1', rows, text: textOf(rows) };
  } finally {
    await lab.close();
  }
}

const named = (name: string, tuner: Tuner): Tuner => ({ ...tuner, name });

interface Run {
  readonly arm: string;
  readonly cycles: readonly Cycle[];
  readonly context: TuningContext;
  readonly remarks: readonly string[];
}

async function runArm(lab: Lab, trial: PreparedTrial, tuner: Tuner, cycles: number): Promise<Run> {
  const { workload } = trial;
  const target = new DegradedTarget(lab, trial, DEGRADED);
  // What a bad start does is no measure of what may not be done: no guardrails in a study of recovery.
  const free = { ...workload, guardrails: [] };
  const outcome = await tune({ target, workload: free, knobs: KNOBS, tuner, cycles, seed: 1 });
  return {
    arm: tuner.name,
    cycles: outcome.cycles,
    context: outcome.context,
    remarks: tuner.remarks?.() ?? [],
  };
}

function summarised(runs: readonly Run[]): readonly SpeculationRow[] {
  const { context } = runs[0] as Run;
  const pooled = rankedSettings(
    runs.flatMap(({ cycles }) => cycles),
    context,
  );
  const best = pooled[0]?.mean ?? Number.NaN;
  const near = new Set(
    pooled.filter(({ mean }) => mean <= best * (1 + NEAR)).map(({ values }) => configText(values, context)),
  );
  return runs.map(({ arm, cycles, remarks }) => {
    const windows = cycles.map(({ objective }) => objective);
    const figures = windows.slice(1).filter((figure) => figure !== null);
    const recovered = cycles.find(
      ({ outcome, values }) => outcome === 'kept' && near.has(configText(values, context)),
    );
    return {
      ...{ arm, windows, remarks, recovered: recovered?.cycle ?? null },
      mean: figures.reduce((sum, figure) => sum + figure, 0) / figures.length,
    };
  });
}

function textOf(rows: readonly SpeculationRow[]): string {
  const lines = rows.map(({ arm, windows, mean, recovered }) => [
    arm,
    ...[windows[0] ?? null, mean, windows.at(-1) ?? null].map((figure) => formatValue(figure, 'ns')),
    recovered === null ? 'never' : `${recovered} s`,
  ]);
  const { p50, p95 } = PAPER_LATENCIES[ACTOR];
  return [
    table([
      ['arm', 'first window', 'mean', 'last window', `within ${NEAR * 100} % of the best after`],
      ...lines,
    ]),
    '',
    `pgbench's p99 on Linux with CFS in the lab, from latency_ns 100 ms and min_granularity_ns 10 ms, windows of 1 s; the`,
    `actor is the expert's rules at the latency of ${ACTOR} (p50 ${p50} s, p95 ${p95} s, virtual time); no model configured`,
    ...rows.flatMap(({ arm, remarks }) => remarks.map((remark) => `${arm}: ${remark}`)),
  ].join('\n');
}
