import { execa } from 'execa';
import { z } from 'zod';
import { TunesmithError } from '../errors.js';
import { agentPath } from '../native.js';
import { formatNs } from '../units.js';
import { WorkloadDied } from '../workloads/died.js';
import type { Measurement } from '../workloads/types.js';

const failure = z.object({ ok: z.literal(false), error: z.string() });
const speed = z.object({ ok: z.literal(true), loops_per_ms: z.number().positive() });
const measured = z.object({
  ok: z.literal(true),
  metrics: z.record(z.string(), z.number()),
  distributions: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
  latency: z.string(),
});

/** What one window of a load gave. `unwatched` says why there are no run-queue figures, where there are none. */
export interface LoadWindow extends Pick<Measurement, 'metrics' | 'distributions'> {
  readonly unwatched?: string;
}

/** A load on this machine, by the program that is the lab guest's init. Times in ns. */
export interface HostLoad {
  readonly workload: string;
  readonly params: Readonly<Record<string, number>>;
  readonly seed: number;
  readonly warmupNs: number;
  readonly windowNs: number;
  /** An EEVDF slice for every thread of the load; absent leaves the kernel's. */
  readonly sliceNs?: number | undefined;
}

/**
 * Beyond warm-up and window, ms: starting, calibrating, joining threads and writing the answer, on a machine that may be
 * busy. Only what hangs reaches it.
 */
const GRACE_MS = 300_000;

/** Longest answer that is read, bytes: distributions are thinned, so a real one is a few hundred kB. */
const MAX_ANSWER = 2 ** 26;

/** Signals by which somebody tells a program to end, which is not a failure of it. */
const TOLD = ['SIGINT', 'SIGTERM', 'SIGHUP'];

async function ask<T>(request: object, reply: z.ZodType<T>, timeout: number): Promise<T> {
  const done = await execa(agentPath(), ['host'], {
    input: JSON.stringify(request),
    reject: false,
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_ANSWER,
  });
  if (done.timedOut)
    throw new WorkloadDied(
      'incapable',
      `the load gave no answer within ${formatNs(timeout * 1e6)} and was ended`,
    );
  if (done.isMaxBuffer)
    throw new TunesmithError('incapable', `the load’s answer is longer than ${MAX_ANSWER} bytes`);
  if (done.signal !== undefined && !TOLD.includes(done.signal))
    throw new WorkloadDied('incapable', `the load was ended by ${done.signal}: ${done.stderr}`.trim());
  const parsed = z.union([reply, failure]).safeParse(parseJson(done.stdout));
  if (!parsed.success)
    throw new TunesmithError(
      'incapable',
      `the load ended without an answer: ${done.stderr || done.shortMessage}`,
    );
  const answer = parsed.data as T | z.infer<typeof failure>;
  const failed = failure.safeParse(answer);
  if (failed.success)
    throw new TunesmithError('incapable', `the load cannot run on this machine: ${failed.data.error}`, {
      hint:
        process.getuid?.() === 0
          ? 'see tunesmith doctor'
          : 'run tunesmith as root: it counts migrations (CAP_PERFMON)',
    });
  return answer as T;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** How many loops of the workloads' unit of work one CPU of this machine does in a millisecond. */
export const loopsPerMs = async (): Promise<number> =>
  (await ask({ op: 'calibrate' }, speed, GRACE_MS)).loops_per_ms;

/**
 * Runs one window of a load here; metrics that this kernel cannot give are absent.
 * @throws TunesmithError (incapable) with the load's own words when it cannot run; WorkloadDied (incapable) when it was
 * killed, for want of memory for instance, crashed, or gave no answer `graceMs` after the window's end.
 */
export const runLoad = async (load: HostLoad, graceMs = GRACE_MS): Promise<LoadWindow> => {
  const { metrics, distributions, latency } = await ask(
    {
      op: 'measure',
      workload: load.workload,
      params: load.params,
      seed: load.seed,
      warmup_ns: load.warmupNs,
      window_ns: load.windowNs,
      ...(load.sliceNs === undefined ? {} : { slice_ns: load.sliceNs }),
    },
    measured,
    Math.ceil((load.warmupNs + load.windowNs) / 1e6) + graceMs,
  );
  return { metrics, distributions, ...(latency === 'watched' ? {} : { unwatched: latency }) };
};
