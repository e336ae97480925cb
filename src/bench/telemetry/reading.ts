import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Sampler } from '../../telemetry/sampler.js';
import { median, spread } from '../statistics.js';
import type { Row } from './rows.js';
import { tool } from './tools.js';

const MAIN = new URL('../../cli/main.js', import.meta.url).pathname;

/** snapshot() and a look at its buffers, with rows of 1,000 tasks and more. */
export async function snapshotTime(): Promise<Row[]> {
  using sampler = Sampler.open({ keys: 4096 });
  await promisify(execFile)('sh', ['-c', 'i=0; while [ $i -lt 1200 ]; do (:) & i=$((i+1)); done; wait']);
  const times: number[] = [];
  let keys = 0;
  for (let i = 0; i < 500; i++) {
    const start = performance.now();
    keys = sampler.snapshot().length;
    times.push(performance.now() - start);
    if (i % 50 === 0) await sleep(1);
  }
  const p50 = median(times);
  const sorted = times.sort((a, b) => a - b);
  const value = `${p50.toFixed(3)} ms p50, ${sorted[Math.floor(sorted.length * 0.99)]?.toFixed(3)} ms p99 (${keys} keys)`;
  return [{ name: 'snapshot() with 1,000 keys', bar: '≤ 1 ms p50', value, met: p50 <= 1 && keys >= 1000 }];
}

/** Every switch an outlier: how many a core of JavaScript takes, every field of interest read, and what is lost. */
export async function eventRate(): Promise<Row[]> {
  using sampler = Sampler.open({ outlierNs: 1, by: 'nothing', budget: 0 });
  const load = spawn('taskset', ['-c', '0', tool('perf'), 'bench', 'sched', 'pipe', '-l', '100000000'], {
    stdio: 'ignore',
    detached: true, // a group of its own: perf's two tasks are ended with it
  });
  try {
    await sleep(300);
    // What gathered while nobody read is not this reader's to lose.
    for await (const _ of sampler.events(AbortSignal.timeout(200)));
    const before = sampler.snapshot();
    const cpu = process.cpuUsage();
    const started = performance.now();
    let seen = 0;
    let waited = 0;
    for await (const { latencyNs } of sampler.events(AbortSignal.timeout(4000))) {
      waited += latencyNs;
      if (++seen % 4096 === 0 && performance.now() - started > 3000) break;
    }
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const perCore = (seen / (user + system)) * 1e6;
    const lost = sampler.delta(before).cpus.reduce((sum, one) => sum + Number(one.lost), 0);
    const value = `${Math.round(perCore).toLocaleString('en')}/s of a core; ${Math.round(seen / seconds).toLocaleString('en')}/s came, ${lost} lost`;
    return [
      {
        name: 'ring events to JS',
        bar: '≥ 500,000/s, none lost',
        value,
        met: perCore >= 5e5 && lost === 0 && waited > 0,
      },
    ];
  } finally {
    if (load.pid !== undefined) process.kill(-load.pid, 'SIGKILL');
  }
}

/** Resident MB of a process after some seconds. */
async function residentMb(argv: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, argv, { stdio: 'ignore' });
  try {
    await sleep(5000);
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  } finally {
    child.kill('SIGKILL');
  }
}

export async function observeMemory(): Promise<Row[]> {
  const more: number[] = [];
  for (let i = 0; i < 3; i++) {
    const idle = await residentMb(['-e', 'setInterval(() => {}, 1000)']);
    more.push((await residentMb([MAIN, 'observe', '--json', '--duration', '60s'])) - idle);
  }
  return [
    {
      name: 'observe above an idle Node',
      bar: '≤ 40 MB',
      value: spread(more, 1, 'MB'),
      met: median(more) <= 40,
    },
  ];
}
