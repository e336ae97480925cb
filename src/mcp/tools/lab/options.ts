import { z } from 'zod';
import type { TrialRequest } from '../../../lab/prepare.js';
import { WORKLOADS } from '../../../workloads/index.js';

/** Which guest runs which load. */
export const labInput = {
  kernel: z
    .string()
    .max(128)
    .default('eevdf')
    .describe('cfs, eevdf, scx, newest or a release of lab_kernels'),
  workload: z.enum(Object.keys(WORKLOADS) as [string, ...string[]]),
  parameters: z
    .record(z.string().max(64), z.number())
    .optional()
    .describe('of the workload; lab_workloads lists them'),
  cpus: z.int().min(1).max(16).default(2),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
  window_ms: z
    .int()
    .min(10)
    .max(60_000)
    .optional()
    .describe('virtual time measured; the workload’s own unless said'),
  rigour: z
    .enum(['search', 'referee'])
    .default('search')
    .describe('referee: a cold boot, the same on every machine'),
};

export const knobValues = z
  .record(z.string().max(64), z.number())
  .describe('knobs to set, each in its own unit');

interface LabArguments {
  readonly kernel: string;
  readonly workload: string;
  readonly parameters?: Record<string, number> | undefined;
  readonly cpus: number;
  readonly seed: number;
  readonly window_ms?: number | undefined;
}

export const requestOf = (args: LabArguments): TrialRequest => ({
  kernel: args.kernel,
  workload: args.workload,
  parameters: args.parameters ?? {},
  arch: 'x64',
  cpus: args.cpus,
  sockets: 1,
  threads: 1,
  nodes: 1,
  seed: args.seed,
  ...(args.window_ms === undefined ? {} : { windowNs: args.window_ms * 1e6 }),
});
