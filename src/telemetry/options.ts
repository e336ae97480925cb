import { z } from 'zod';
import { usageError } from '../errors.js';
import { nearNames } from '../near.js';
import type { NativeOptions } from './native.js';

/** What rows are kept for. */
export const KEYS_BY = ['nothing', 'task', 'process', 'cgroup'] as const;
/** Where figures come from: chosen by the kernel's abilities, its own sched_info, or stamps of ours. */
export const SOURCES = ['automatic', 'sched_info', 'stamps'] as const;
/** Whose directories are told apart by `cgroup`: the cpu controller's hierarchy, or the one of a version. */
export const HIERARCHIES = ['automatic', 'v1', 'v2'] as const;
/** Events as perf spells them; the last three are the kernel's own and need no PMU. */
export const EVENTS = [
  'cycles',
  'instructions',
  'cache-references',
  'cache-misses',
  'branch-misses',
  'stalled-cycles-backend',
  'cpu-clock',
  'page-faults',
  'major-faults',
] as const;
export type PmcName = (typeof EVENTS)[number];

const whole = (min: number, max: number) => z.int().min(min).max(max);

/** Options of a sampler with their defaults; sizes are rounded up to a power of two. */
export const samplerOptions = z.strictObject({
  by: z.enum(KEYS_BY).default('task').describe('what rows are kept for'),
  source: z.enum(SOURCES).default('automatic').describe('where figures come from'),
  hierarchy: z
    .enum(HIERARCHIES)
    .default('automatic')
    .describe('which cgroups: of the cpu controller’s hierarchy, of version 1’s, or of version 2’s'),
  keys: whole(4, 65_536).default(2048).describe('rows at most; the least recently used makes room, counted'),
  tasks: whole(4, 1_048_576).default(16_384).describe('tasks followed at once'),
  sampleEvery: whole(1, 1_000_000).default(1).describe('measure one stay of a task on a CPU in so many'),
  budget: z.number().min(0).max(1).default(0.01).describe('of each CPU’s time, 0 to 1; 0: no limit'),
  outlierNs: whole(0, 1e12).default(0).describe('report waits of at least this, ns; 0: none'),
  ringBytes: whole(4096, 2 ** 30)
    .default(2 ** 20)
    .describe('room for outliers that wait to be read'),
  processes: z
    .array(whole(1, 2 ** 22))
    .max(8)
    .default([])
    .describe('only these processes, by their number in this PID namespace; none: all'),
  cpus: z.array(whole(0, 8191)).default([]).describe('only switches on these CPUs; none: all'),
  cgroup: z.string().optional().describe('only tasks in or below this cgroup: its directory'),
  pmc: z.array(z.enum(EVENTS)).max(6).default([]).describe('events to count per key'),
});

export type SamplerOptions = z.input<typeof samplerOptions>;
export type SamplerSettings = z.output<typeof samplerOptions>;

/** @throws TunesmithError (usage) naming the option, its value and the rule. */
export function settingsFrom(given: SamplerOptions): SamplerSettings {
  const parsed = samplerOptions.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys[0] as string;
    const near = nearNames(unknown, Object.keys(samplerOptions.shape));
    throw usageError(
      unknown,
      (given as Record<string, unknown>)[unknown] ?? null,
      'is no option',
      near.length > 0 ? `did you mean ${near.join(', ')}?` : undefined,
    );
  }
  const value = issue.path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown>)?.[step], given);
  throw usageError(issue.path.join('.') || 'options', value ?? null, `is refused: ${issue.message}`);
}

export const nativeOptions = (settings: SamplerSettings): NativeOptions => ({
  by: KEYS_BY.indexOf(settings.by),
  source: SOURCES.indexOf(settings.source),
  hierarchy: HIERARCHIES.indexOf(settings.hierarchy),
  keys: settings.keys,
  tasks: settings.tasks,
  sampleEvery: settings.sampleEvery,
  budget: settings.budget,
  outlierNs: settings.outlierNs,
  ringBytes: settings.ringBytes,
  processes: settings.processes,
  cpus: settings.cpus,
  cgroup: settings.cgroup ?? '',
  pmcs: settings.pmc,
});
