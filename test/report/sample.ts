import type { Cycle, TuneResult } from '../../src/loop/result.js';

type Measurement = NonNullable<Cycle['measurement']>;
type Values = Readonly<Record<string, number>>;

/** A figure in [0, 1) that depends on the seed and the place alone (a multiplicative hash, no state). */
function noise(seed: number, place: number): number {
  const mixed = Math.imul(seed * 2654435761 + place * 40503, 2246822519) >>> 0;
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}

/** A made-up but smooth response: the transaction tail falls with both knobs until switches eat the gain, ns. */
function tail(values: Values, seed: number, place: number): number {
  const [latency, granularity] = [
    (values.latency_ns ?? 24e6) / 1e6,
    (values.min_granularity_ns ?? 3e6) / 1e6,
  ];
  const waiting = 57 + 9.2 * Math.log2(1 + latency / 4) + 3.4 * granularity;
  const churn = 2.2 / (granularity + 0.1);
  return Math.round((waiting + churn) * (1 + 0.008 * (noise(seed, place) - 0.5)) * 1e6);
}

/** About 300 rows of a log-normal-like latency distribution whose 99th percentile is near `p99` ns. */
function distribution(p99: number, median: number): [number, number][] {
  const spread = Math.log(p99 / median) / 2.326;
  const rows: [number, number][] = [];
  for (let z = -3; z <= 3.6; z += 0.022) {
    const count = Math.round(420 * Math.exp((-z * z) / 2));
    if (count > 0) rows.push([Math.round(median * Math.exp(z * spread)), count]);
  }
  return rows;
}

function measure(values: Values, seed: number, place: number): Measurement {
  const p99 = tail(values, seed, place);
  const granularity = values.min_granularity_ns ?? 3e6;
  const median = 17.5e6 + 1.1 * granularity;
  const switches = 3100 + 9.5e9 / (granularity + 4e5);
  return {
    metrics: {
      txn_p50_ns: Math.round(median),
      txn_p95_ns: Math.round(p99 * 0.72),
      txn_p99_ns: p99,
      txn_p999_ns: Math.round(p99 * 1.32),
      wakeup_p99_ns: Math.round(granularity * 1.9),
      throughput_per_s: Math.round(742 - switches / 210),
      errors: 0,
      fairness: 0.972 + 0.01 * noise(seed, place + 7),
      switches_per_s: Math.round(switches),
      migrations_per_s: Math.round(41 + 12 * noise(seed, place + 3)),
      cpu_time_ns: 9.93e9,
      idle_share: 0.0071,
      idle_while_queued_share: 0.0012,
    },
    distributions: {
      txn: distribution(p99, median),
      wakeup: distribution(granularity * 1.9, granularity * 0.11),
    },
    knobs: { ...values },
    windowNs: 5_000_120_000,
  };
}

const PATH: readonly (readonly [latency: number, granularity: number, reason: string])[] = [
  [24, 3, ''],
  [
    12,
    1.5,
    'The tail is four times the median and 16 clients queue on 2 CPUs: a shorter period lets each run sooner. Halve both, so that their relation stays.',
  ],
  [6, 0.75, 'Halving paid (the tail fell while throughput held): the same direction again.'],
  [
    3,
    0.75,
    'With 8 runnable tasks per CPU min_granularity binds (8 × 0.75 ms exceeds latency): lower latency alone, to see whether anything is left in it.',
  ],
  [2, 0.2, 'The far corner, to learn where context switches start to cost more than waiting.'],
  [3, 0.35, 'Back off half-way from the corner: the tail rose there.'],
  [2, 0.5, 'Refine around the best with a smaller step in min_granularity.'],
  [2, 2, 'Does granularity matter at all once latency is short? Two milliseconds tells.'],
  [8, 0.5, 'Latency up again at the present granularity: a control for the claim that it no longer binds.'],
  [
    100,
    10,
    'One coarse probe of the other end of the range: a long period would help throughput if switches were the bottleneck.',
  ],
  [2, 0.65, 'Refine: a third of a step up from the best.'],
  [2.6, 0.56, 'Between the two best settings.'],
  [1.5, 0.5, 'Below the range that was asked for.'],
  [
    2,
    0.57,
    'A last refinement; the differences are near the noise of 1 % that the two default windows showed.',
  ],
  [2.3, 0.6, 'Nothing within noise is left to gain; this confirms the neighbourhood of the best.'],
];

/** A run of 15 cycles over two CFS knobs under pgbench, with a breach, a rejection and rivals. */
export function sampleResult(seed = 1): TuneResult {
  const cycles: Cycle[] = [];
  let best = { cycle: 0, values: {} as Record<string, number>, objective: Number.POSITIVE_INFINITY };
  for (const [cycle, [latency, granularity, reason]] of PATH.entries()) {
    const values = { latency_ns: latency * 1e6, min_granularity_ns: granularity * 1e6 };
    const rejected = latency < 2;
    const measurement = rejected ? null : measure(values, seed, cycle);
    const objective = measurement?.metrics.txn_p99_ns ?? null;
    const better = objective !== null && objective < best.objective * (cycle === 0 ? 1 : 0.995);
    const outcome = rejected
      ? 'rejected'
      : cycle === 0
        ? 'default'
        : latency > 50
          ? 'breach'
          : better
            ? 'kept'
            : 'put back';
    if (better && objective !== null) best = { cycle, values, objective };
    cycles.push({
      cycle,
      values,
      objective,
      outcome,
      reason,
      note: note(outcome),
      measurement,
      wallMs: 3150 + 40 * cycle,
    });
  }
  const start = cycles[0]?.measurement as Measurement;
  const defaults = { latency_ns: 24e6, min_granularity_ns: 3e6 };
  const [refereeDefault, refereeBest] = [measure(defaults, seed, 90), measure(best.values, seed, 91)];
  const [from, to] = [refereeDefault.metrics.txn_p99_ns ?? 0, refereeBest.metrics.txn_p99_ns ?? 0];
  const gain = (from - to) / from;
  const ms = (ns: number): string => (ns / 1e6).toFixed(1);
  const rival = (name: string, latency: number, granularity: number, trials: number, place: number) => {
    const values = { latency_ns: latency * 1e6, min_granularity_ns: granularity * 1e6 };
    return {
      name,
      values,
      objective: tail(values, seed, place),
      refereeObjective: tail(values, seed, place + 1),
      trials,
    };
  };
  return {
    schema: 'tunesmith.tune/1',
    command:
      'tunesmith tune --target lab --kernel cfs --workload pgbench --tune latency_ns,min_granularity_ns --tuner expert --cycles 15 --window 5s --cpus 2 --seed 1 --out ./report',
    target: {
      name: 'lab',
      kind: 'lab',
      kernel: '6.1.0-43-cloud-amd64',
      scheduler: 'cfs',
      cpus: 2,
      qemu: '10.0.2',
    },
    workload: 'pgbench',
    parameters: { clients: 16, scale: 1 },
    windowNs: 5e9,
    seed,
    tuner: 'expert',
    objective: {
      metric: 'txn_p99_ns',
      direction: 'lower',
      unit: 'ns',
      meaning: '99th percentile of transaction latency',
    },
    knobs: [
      { name: 'latency_ns', unit: 'ns', min: 2e6, max: 100e6, scale: 'log', default: 24e6 },
      { name: 'min_granularity_ns', unit: 'ns', min: 0.2e6, max: 10e6, scale: 'log', default: 3e6 },
    ],
    cycles,
    best,
    referee: {
      default: { values: defaults, objective: from, measurement: { ...start, ...refereeDefault } },
      best: { values: best.values, objective: to, measurement: refereeBest },
      gain,
    },
    rivals: [rival('random', 4.1, 1.9, 15, 40), rival('grid', 2, 0.6, 64, 50)],
    verdict: {
      accepted: true,
      interrupted: false,
      text: `Transaction p99 ${ms(from)} → ${ms(to)} ms, −${Math.round(gain * 100)} %, referee-confirmed; set with --set latency_ns=${best.values.latency_ns} --set min_granularity_ns=${best.values.min_granularity_ns}`,
    },
  };
}

/** A second run, of one EEVDF knob under `wakeup`, measured by the search alone. */
export function sampleEevdf(): TuneResult {
  const base = sampleResult(7);
  const cycles = base.cycles.map((cycle): Cycle => {
    const slice = Math.min(
      1e8,
      Math.max(1e5, (cycle.values.min_granularity_ns ?? 3e6) * (cycle.cycle === 0 ? 1 : 0.6)),
    );
    const p99 = Math.round(1.6e6 + slice * 0.8);
    const measurement = cycle.measurement && {
      ...cycle.measurement,
      metrics: { ...cycle.measurement.metrics, wakeup_p99_ns: p99 },
      distributions: { wakeup: distribution(p99, slice * 0.05) },
      knobs: { base_slice_ns: slice },
    };
    return { ...cycle, values: { base_slice_ns: slice }, objective: measurement ? p99 : null, measurement };
  });
  const best = cycles.findLast(({ outcome }) => outcome === 'kept') ?? cycles[0];
  return {
    ...base,
    command:
      'tunesmith tune --target lab --kernel eevdf --workload wakeup --tune base_slice_ns --tuner expert --cycles 15',
    target: { ...base.target, kernel: '6.18.15+deb13-cloud-amd64', scheduler: 'eevdf' },
    workload: 'wakeup',
    parameters: { workers: 8, think_ns: 500_000 },
    objective: {
      metric: 'wakeup_p99_ns',
      direction: 'lower',
      unit: 'ns',
      meaning: '99th percentile of wake-up latency',
    },
    knobs: [{ name: 'base_slice_ns', unit: 'ns', min: 1e5, max: 1e8, scale: 'log', default: 3e6 }],
    cycles,
    best: { cycle: best?.cycle ?? 0, values: best?.values ?? {}, objective: best?.objective ?? null },
    referee: null,
    rivals: [],
    verdict: {
      accepted: false,
      interrupted: true,
      text: 'Wake-up p99 4 → 2.08 ms in the search, stopped before the referee could confirm it; the default is back in force',
    },
  };
}

function note(outcome: Cycle['outcome']): string {
  switch (outcome) {
    case 'default':
      return 'The figures every later cycle is held against.';
    case 'kept':
      return 'Kept: better than the best so far by more than the noise, every guardrail held.';
    case 'put back':
      return 'Put back: not better than the best so far beyond noise.';
    case 'breach':
      return 'Guardrail: txn_p99_ns may be at most 1.1 × default. The default was put back at once.';
    case 'rejected':
      return 'Not applied: latency_ns 1.5 ms is below its smallest value of 2 ms.';
  }
}
