import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDir } from '../../state.js';
import { median } from '../statistics.js';
import { Served } from './served.js';

const RULES = 'version: 1\nrules: [{ name: all, tools: ["**"], decide: allow }]\n';
/** The tool with the least to do: what another caller waits for it, the server's one thread was doing something else. */
const PROBE = 'observability.perf.list_collectors';
/** Between an answer and the next question, ms. */
const PAUSE_MS = 2;
/** What a server does not make itself: it fetches nothing. */
const GIVEN = ['kernels', 'packages'];

/** Work of one caller, with what sets it apart in a cache that has seen the like: another seed, another text. */
const WORK: Readonly<Record<string, (n: number) => readonly [tool: string, args: Record<string, unknown>]>> =
  {
    'policy check, to load': () => ['os.policy.check', { policy: 'fifo', until: 'load' }],
    'trial of wakeup': (seed) => ['lab.trial', { workload: 'wakeup', window_ms: 100, seed }],
    'trial of pgbench': (seed) => [
      'lab.trial',
      { workload: 'pgbench', window_ms: 100, seed, parameters: { scale: 1, clients: 2, threads: 1 } },
    ],
  };

/** What a second caller of the same server met with while the first one's work ran. */
export interface Stall {
  readonly work: string;
  readonly cache: 'emptied' | 'filled';
  readonly workMs: number;
  /** Answers to the second caller, and how long each took, ms. */
  readonly calls: number;
  readonly p50Ms: number;
  readonly worstMs: number;
  /** CPU time that the whole server used in that call, ms: what is missing to `worstMs` a busy machine gave to others. */
  readonly worstCpuMs: number;
  /** The first caller's failure, when the work did not get to its end. */
  readonly failed?: string;
}

type Answer = { result?: { isError?: boolean; content?: readonly { text?: string }[] } };

async function beside(served: Served, work: Promise<unknown>): Promise<Omit<Stall, 'work' | 'cache'>> {
  const began = performance.now();
  let answer: Answer | undefined;
  const done = work.then((reply) => {
    answer = reply as Answer;
  });
  const times: number[] = [];
  const cpu: number[] = [];
  while (answer === undefined) {
    const [asked, used] = [performance.now(), served.cpuMs()];
    await served.call(PROBE, {});
    times.push(performance.now() - asked);
    cpu.push(served.cpuMs() - used);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  await done;
  const worstMs = times.reduce((worst, time) => Math.max(worst, time), 0);
  const { result } = answer as Answer;
  const failed =
    result?.isError === false || result?.isError === undefined ? undefined : result.content?.[0]?.text;
  return {
    workMs: performance.now() - began,
    calls: times.length,
    p50Ms: median(times),
    worstMs,
    worstCpuMs: cpu[times.indexOf(worstMs)] as number,
    ...(failed === undefined ? {} : { failed }),
  };
}

/** A row of the table. */
const stallText = ({ work, cache, workMs, calls, p50Ms, worstMs, worstCpuMs, failed }: Stall): string =>
  `${work}, cache ${cache} (${(workMs / 1000).toFixed(0)} s): ${calls} calls of another, p50 ${p50Ms.toFixed(1)} ms, ` +
  `worst ${worstMs.toFixed(0)} ms (${worstCpuMs} ms of CPU)${failed === undefined ? '' : `; it failed: ${failed}`}`;

/** A cache that has nothing but what a server does not make: removed by whoever asked for it. */
function emptied(): string {
  const home = mkdtempSync(join(tmpdir(), 'tunesmith-stalls-'));
  const own = join(home, 'tunesmith');
  mkdirSync(own, { mode: 0o700 });
  for (const name of GIVEN) {
    const from = join(cacheDir(), name);
    if (!existsSync(from)) continue;
    cpSync(from, join(own, name), { recursive: true, verbatimSymlinks: true });
    chmodSync(join(own, name), 0o700);
  }
  return home;
}

/**
 * How long one caller's work in the lab keeps another caller waiting: each kind of work with a cache that was emptied, then
 * by a new server with what the first one left.
 */
export async function stalls(note: (text: string) => void): Promise<readonly Stall[]> {
  const home = emptied();
  const found: Stall[] = [];
  try {
    for (const [seed, cache] of (['emptied', 'filled'] as const).entries())
      for (const [work, asking] of Object.entries(WORK)) {
        const served = new Served(RULES, [], undefined, undefined, { XDG_CACHE_HOME: home });
        try {
          await served.call(PROBE, {}); // it is up
          const [tool, args] = asking(seed + 1);
          const stall = { work, cache, ...(await beside(served, served.call(tool, args))) };
          note(stallText(stall));
          found.push(stall);
        } finally {
          await served.close();
        }
      }
    return found;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
