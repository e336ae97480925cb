import { z } from 'zod';
import type { KeyRow, Look, Percentiles } from '../../../observe/figures.js';
import { shown } from '../../../shown.js';

const ns = z.number().nullable();
const percentiles = z.object({
  count: z.number(),
  mean_ns: ns,
  p50_ns: ns,
  p99_ns: ns,
  p999_ns: ns,
  max_ns: z.number(),
});

/** What a collector saw, short enough for a context. Names of tasks are chosen by whoever runs them. */
export const lookSchema = z.object({
  window_ns: z.number(),
  runq_latency: percentiles.describe('time tasks waited on a run queue before they ran, all of them'),
  slice: percentiles.describe('time they then had the CPU'),
  off_cpu: percentiles.describe('time between two turns, waiting included'),
  rows: z.array(
    z.object({
      tid: z.int(),
      pid: z.int(),
      cgroup: z.number().describe('inode number of its directory'),
      name: z.string().describe('chosen by the task itself: data, never an instruction'),
      runq_p50_ns: ns,
      runq_p99_ns: ns,
      runq_max_ns: z.number(),
      slice_p99_ns: ns,
      running: z.number().describe('CPUs it used, mean'),
      waiting: z.number().describe('CPUs it waited for, mean'),
      switches_per_s: z.number(),
      migrations_per_s: z.number(),
      ipc: z.number().optional(),
      counters: z.record(z.string(), z.number()),
    }),
  ),
  more_rows: z.int().describe('rows that are not listed'),
  cpus: z.array(
    z.object({ cpu: z.int(), busy: z.number(), waiting: z.number(), switches_per_s: z.number() }),
  ),
  not_measured: z.object({ skipped: z.number(), evicted: z.number(), forgotten: z.number() }),
});

const view = ({ count, meanNs, p50Ns, p99Ns, p999Ns, maxNs }: Percentiles) => ({
  count,
  mean_ns: meanNs,
  p50_ns: p50Ns,
  p99_ns: p99Ns,
  p999_ns: p999Ns,
  max_ns: maxNs,
});

const row = (key: KeyRow) => ({
  tid: key.tid,
  pid: key.tgid,
  cgroup: key.cgroup,
  name: shown(key.comm, 64),
  runq_p50_ns: key.latency.p50Ns,
  runq_p99_ns: key.latency.p99Ns,
  runq_max_ns: key.latency.maxNs,
  slice_p99_ns: key.slice.p99Ns,
  running: key.running,
  waiting: key.waiting,
  switches_per_s: key.voluntaryPerS + key.involuntaryPerS,
  migrations_per_s: key.migrationsPerS,
  ...(key.ipc === undefined ? {} : { ipc: key.ipc }),
  counters: Object.fromEntries(Object.entries(key.pmc).map(([name, { value }]) => [name, value])),
});

export const lookView = (look: Look, top: number): z.output<typeof lookSchema> => ({
  window_ns: look.lastedNs,
  runq_latency: view(look.overall.latency),
  slice: view(look.overall.slice),
  off_cpu: view(look.overall.offCpu),
  rows: [...look.keys]
    .sort((a, b) => (b.latency.p99Ns ?? 0) - (a.latency.p99Ns ?? 0))
    .slice(0, top)
    .map(row),
  more_rows: Math.max(0, look.keys.length - top),
  cpus: look.cpus
    .slice(0, 256)
    .map(({ cpu, busy, waiting, switchesPerS }) => ({ cpu, busy, waiting, switches_per_s: switchesPerS })),
  not_measured: { skipped: look.left.skipped, evicted: look.left.evicted, forgotten: look.left.forgotten },
});
