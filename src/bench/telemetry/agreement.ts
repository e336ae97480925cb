import { execFile, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Histogram } from '../../telemetry/histogram.js';
import { Sampler } from '../../telemetry/sampler.js';
import type { Row } from './rows.js';
import { tool } from './tools.js';

const SECONDS = 6;

interface Bucket {
  readonly fromNs: number;
  readonly toNs: number;
  readonly count: number;
}

/** runqlat’s histogram: powers of two of µs, both ends named. */
const bucketsIn = (text: string): Bucket[] =>
  [...text.matchAll(/^\s*(\d+)\s*->\s*(\d+)\s*:\s*(\d+)/gm)].map(([, from, to, count]) => ({
    fromNs: Number(from) * 1000,
    toNs: (Number(to) + 1) * 1000,
    count: Number(count),
  }));

function bucketOf(share: number, buckets: readonly Bucket[]): Bucket | undefined {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  return buckets.find(({ count }) => {
    seen += count;
    return seen >= share * total && count > 0;
  });
}

const SHARES = [0.5, 0.9, 0.95, 0.99] as const;

function compare(buckets: readonly Bucket[], own: Histogram): Row[] {
  const theirs = buckets.reduce((sum, { count }) => sum + count, 0);
  const off = Math.abs(own.count / theirs - 1);
  const rows: Row[] = [
    {
      name: 'switches counted, sampler and runqlat',
      bar: '≤ 2 % apart',
      value: `${own.count} and ${theirs}: ${(off * 100).toFixed(2)} %`,
      met: off <= 0.02,
    },
  ];
  for (const share of SHARES) {
    const bucket = bucketOf(share, buckets);
    const value = own.quantile(share) ?? 0;
    // runqlat counts whole microseconds: its bucket ends where the next begins.
    const inside = bucket !== undefined && value >= bucket.fromNs * 0.968 && value < bucket.toNs * 1.032;
    rows.push({
      name: `p${share * 100}`,
      bar: 'in runqlat’s bucket',
      value: `${(value / 1000).toFixed(1)} µs; ${(bucket?.fromNs ?? 0) / 1000}–${(bucket?.toNs ?? 0) / 1000} µs`,
      met: inside,
    });
  }
  return rows;
}

/** The same seconds of the same load, seen by both: twice as many tasks as CPUs, which run 2 ms and sleep 1 ms. */
export async function agreement(): Promise<Row[]> {
  const code = 'for(;;){const t=performance.now()+2;while(performance.now()<t);Atomics.wait(a,0,0,1)}';
  const load = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['-e', `const a=new Int32Array(new SharedArrayBuffer(4));${code}`], {
      stdio: 'ignore',
    }),
  );
  try {
    await sleep(1000);
    using sampler = Sampler.open({ by: 'nothing', source: 'stamps', budget: 0 });
    const watching = promisify(execFile)(tool('runqlat'), [String(SECONDS), '1']);
    await sleep(1500); // until it is attached
    const before = sampler.snapshot();
    const { stdout } = await watching;
    const buckets = bucketsIn(stdout);
    const delta = sampler.delta(before);
    return compareOver(delta.overall('latency'), Number(delta.lastedNs) / 1e9, buckets);
  } finally {
    for (const child of load) child.kill('SIGKILL');
  }
}

/** runqlat runs a little longer than what was sampled: counts are told a second. */
function compareOver(own: Histogram, seconds: number, buckets: readonly Bucket[]): Row[] {
  const scaled = buckets.map((bucket) => ({
    ...bucket,
    count: Math.round((bucket.count * seconds) / SECONDS),
  }));
  return compare(scaled, own);
}
