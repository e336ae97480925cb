import { z } from 'zod';
import { findCgroup } from '../../../host/cgroup.js';
import { SORT_NAMES } from '../../../observe/view.js';
import { EVENTS, type SamplerOptions } from '../../../telemetry/options.js';

/** What a collector is asked to collect. */
export const collectInput = {
  by: z.enum(['nothing', 'task', 'process', 'cgroup']).default('task').describe('what rows are kept for'),
  cgroup: z.string().regex(/^\//).max(1024).optional().describe('only tasks in or below this cgroup'),
  pids: z.array(z.int().min(1).max(4_194_304)).max(8).optional().describe('only these processes'),
  pmc: z.array(z.enum(EVENTS)).max(6).optional().describe('events to count for each row; most need a PMU'),
};

interface Collect {
  readonly by: NonNullable<SamplerOptions['by']>;
  readonly cgroup?: string | undefined;
  readonly pids?: number[] | undefined;
  readonly pmc?: (typeof EVENTS)[number][] | undefined;
}

/** @throws TunesmithError (usage) for a cgroup that is not there */
export const samplerOptionsOf = ({ by, cgroup, pids, pmc }: Collect): SamplerOptions => ({
  by,
  ...(cgroup === undefined ? {} : { cgroup: findCgroup(cgroup).dir }),
  ...(pids === undefined ? {} : { processes: pids }),
  ...(pmc === undefined ? {} : { pmc }),
});

/** Which rows, and how many. */
export const rowsInput = {
  sort: z.enum(SORT_NAMES).default('p99').describe('p99: longest waits first; wait, cpu: shares of the time'),
  top: z.int().min(0).max(200).default(15).describe('rows at most'),
};
