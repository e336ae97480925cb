import { readFileSync } from 'node:fs';
import { prng } from '../../tuners/prng.js';
import { median } from '../statistics.js';
import { Served } from './served.js';

/** Looking is allowed, nothing else: whatever gets through is an unauthorised effect. */
const RULES = `version: 1
rules:
  - name: look
    tools: [os.scheduler.describe, os.scheduler.get_params, os.scheduler.list_changes, lab.workloads, lab.kernels,
      observability.perf.list_collectors, observability.perf.read_collector, os.policy.list, os.policy.show]
    decide: allow
`;

const KNOB = 'sched_cfs_bandwidth_slice_us';
const FILE = `/proc/sys/kernel/${KNOB}`;
const TOKEN = 'chg_1_00000000000000000000000000000000';
const STAGE = {
  values: { [KNOB]: 6000 },
  ttl_sec: 60,
  scope: { cpus: [0, 1] },
  idempotency_key: 'k',
  reason: 'r',
};

/** A sound call of every tool that takes something: what is mutated. */
const SEEDS: readonly (readonly [tool: string, args: Record<string, unknown>])[] = [
  ['os.scheduler.describe', { scope: { cgroup: '/no/such' } }],
  ['os.scheduler.get_params', { scope: { pids: [1] } }],
  ['os.scheduler.list_changes', { states: ['staged'], limit: 5 }],
  ['os.scheduler.set_params_staged', STAGE],
  [
    'os.scheduler.set_params_staged',
    { ...STAGE, dry_run: true, guardrails: [{ metric: 'runq_waiting', rule: 'at most', value: 1 }] },
  ],
  [
    'os.scheduler.set_cfs_params_staged',
    { latency_ns: 24_000_000, min_granularity_ns: 2_000_000, ttl_sec: 60 },
  ],
  ['os.scheduler.commit_params', { change_token: TOKEN }],
  ['os.scheduler.revert_params', { change_token: TOKEN }],
  ['os.policy.list', { words: ['fair'], workload: 'mixed' }],
  ['os.policy.show', { policy: 'fifo' }],
  ['os.policy.check', { policy: 'fifo', until: 'lint' }],
  ['os.policy.trial', { policy: 'fifo', workload: 'mixed' }],
  ['os.policy.apply_staged', { policy: 'vtime', tunables: { slice_ns: 3_000_000 }, ttl_sec: 60 }],
  ['os.policy.commit', { change_token: TOKEN }],
  ['os.policy.revert', { change_token: TOKEN }],
  ['observability.perf.measure', { window_ms: 10, by: 'task', top: 1 }],
  ['observability.perf.start_collector', { by: 'task', ttl_sec: 1 }],
  ['observability.perf.read_collector', { collector_id: 'col_00000000', top: 1 }],
  ['observability.perf.stop_collector', { collector_id: 'col_00000000' }],
  ['lab.trial', { workload: 'idle', kernel: 'eevdf', set: { base_slice_ns: 3_000_000 } }],
  ['lab.compare', { workload: 'idle', settings: [{}, { base_slice_ns: 3_000_000 }] }],
];

const ODD: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1e308,
    -1e308,
    2 ** 53,
    2 ** 63,
    0.1,
    Number.MIN_VALUE,
    '',
    ' ',
    '0',
    'NaN',
    '3ms',
  ],
  ...[
    '\u0000',
    '\x1b[2J',
    '\u202e',
    '\ud800',
    '<script>',
    '../../etc/passwd',
    '__proto__',
    'constructor',
    '$(reboot)',
  ],
  ...[
    'x'.repeat(5000),
    [],
    {},
    [[[[[]]]]],
    { a: { b: { c: {} } } },
    [null],
    { __proto__: null, toString: 1 },
  ],
];

const ODD_NAMES = ODD.filter((odd) => typeof odd === 'string');

/** One random change somewhere in a value. */
function mutated(value: unknown, random: () => number): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  if (typeof value !== 'object' || value === null || random() < 0.15) return pick(ODD);
  if (Array.isArray(value)) {
    const at = Math.floor(random() * (value.length + 1));
    return value.toSpliced(at, random() < 0.5 ? 1 : 0, mutated(value[at], random));
  }
  const copy: Record<string, unknown> = { ...value };
  const name = pick(Object.keys(copy)) ?? 'x';
  const way = random();
  if (way < 0.15) delete copy[name];
  else if (way < 0.3) Object.defineProperty(copy, pick(ODD_NAMES), { value: pick(ODD), enumerable: true });
  else copy[name] = mutated(copy[name], random);
  return copy;
}

export interface FuzzResult {
  readonly calls: number;
  /** Calls that got no reply that is one: a result, or an error with a code. */
  readonly unanswered: number;
  /** Changes staged, or a knob that moved. */
  readonly effects: number;
  /**
   * Bytes: the median of what it has in the last twentieth of the calls, less that in the second twentieth, when it is
   * warm. Single readings say when the collector ran last.
   */
  readonly rssGrowth: number;
  /** The median in the last twentieth, bytes. */
  readonly rss: number;
  readonly exitCode: number | null;
}

/** Readings of the server's memory. */
const SAMPLES = 1000;

function grown(rss: readonly number[]): Pick<FuzzResult, 'rss' | 'rssGrowth'> {
  const part = Math.floor(rss.length / 20);
  const last = median(rss.slice(-part));
  return { rss: last, rssGrowth: last - median(rss.slice(part, 2 * part)) };
}

/** How many calls are on their way at once. */
const AT_ONCE = 32;

/** Random and mutated calls to a server whose rules allow looking only. The same seed gives the same calls. */
export async function fuzz(
  calls: number,
  seed: number,
  note: (text: string) => void,
  main?: string,
): Promise<FuzzResult> {
  const random = prng(seed);
  const served = new Served(RULES, [], undefined, main);
  const knob = () => readFileSync(FILE, 'utf8');
  const before = knob();
  let [sent, unanswered, effects] = [0, 0, 0];
  const rss: number[] = [];
  const one = async (): Promise<void> => {
    const [tool, sound] = SEEDS[Math.floor(random() * SEEDS.length)] as (typeof SEEDS)[number];
    let args: unknown = sound;
    for (let n = Math.floor(random() * 4); n > 0; n--) args = mutated(args, random);
    const name = random() < 0.02 ? ODD[Math.floor(random() * ODD.length)] : tool;
    const { result, error } = (await served.call(name, args)) as {
      result?: { structuredContent?: { staged?: boolean } };
      error?: { code?: number };
    };
    if (result === undefined && typeof error?.code !== 'number') unanswered++;
    if (result?.structuredContent?.staged === true) effects++;
  };
  try {
    const worker = async (): Promise<void> => {
      while (sent < calls) {
        const nth = ++sent;
        await one();
        if (nth % Math.ceil(calls / SAMPLES) === 0) rss.push(served.rss());
        if (nth % 50_000 === 0) note(`${nth} calls`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const { result } = (await served.call('os.scheduler.list_changes', {})) as {
      result: { structuredContent: { changes: unknown[] } };
    };
    effects += result.structuredContent.changes.length + (knob() === before ? 0 : 1);
    return { calls, unanswered, effects, ...grown(rss), exitCode: await served.close() };
  } finally {
    await served.close();
  }
}
