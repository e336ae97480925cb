import { existsSync } from 'node:fs';
import { type TunesmithError, usageError } from '../../errors.js';
import type { SchedulerClass } from '../../knobs/types.js';
import { compareVersions } from '../../versions.js';
import { type Arch, archOfRelease } from '../arch.js';
import { isCached } from './cache.js';
import { kernelRelease } from './image-header.js';
import { type LabKernel, listKernels, unknownKernel } from './resolve.js';
import { ROLES, SCX_SERIES, schedulerOf, seriesOf } from './spec.js';

/** The oldest series that Debian's archive has (bookworm's), and the first that has sched_ext. */
const OLDEST = '6.1';
const FIRST_SCX = '6.12';

/** What a person can name and a policy needs: see `resolveKernel`. */
export interface KernelNeeds {
  readonly arch?: Arch | undefined;
  /** A policy is to be compiled for it or loaded on it. */
  readonly policy?: boolean;
}

/** The series or release a name stands for, as far as it can be told without the archive. */
function meant(spec: string, arch: Arch): string {
  const role = Object.hasOwn(ROLES, spec) ? ROLES[spec] : undefined;
  if (role) return role.series[0] as string;
  if (spec.includes('/') || existsSync(spec)) return kernelRelease(spec, arch);
  const isFlavour = /-cloud-(?:amd64|arm64)$/.test(spec);
  if (isFlavour && archOfRelease(spec) !== arch)
    throw usageError(
      '--kernel',
      spec,
      `is not made for ${arch}`,
      `name it with --arch ${archOfRelease(spec)}`,
    );
  if (isCached(spec)) return spec;
  const isVersion = /^\d+\.\d+([.+-][\w.+-]*)?$/.test(spec);
  if (!isVersion || compareVersions(seriesOf(spec), OLDEST) < 0) throw unknownKernel(spec);
  return spec;
}

/** A kernel that no policy can be tried on; `why` is the rule. */
export const needsSchedExt = (spec: string, why: string): TunesmithError =>
  usageError(
    '--kernel',
    spec,
    `${why}, which a policy needs`,
    `--kernel scx stands for one that has it, and so do ${SCX_SERIES.toSorted(compareVersions).join(', ')}`,
  );

/**
 * What can be told of a kernel before anything is fetched, built or booted: that its name may stand for one, and which
 * scheduler it has.
 * @throws TunesmithError (usage) for a name that is none, a kernel for another architecture, or one without sched_ext
 */
export function checkKernel(
  spec: string,
  { arch = 'x64', policy = false }: KernelNeeds = {},
): SchedulerClass {
  const release = meant(spec, arch);
  if (policy && compareVersions(seriesOf(release), FIRST_SCX) < 0)
    throw needsSchedExt(spec, 'has no sched_ext');
  return schedulerOf(release);
}

/** The kernel of that name in the cache; null when it would have to be fetched. */
export async function cachedFor(spec: string): Promise<LabKernel | null> {
  const { roles, kernels } = await listKernels();
  const release = roles.find(({ role }) => role === spec)?.release ?? spec;
  return (
    kernels.findLast((kernel) => kernel.release === release || kernel.release.startsWith(`${release}.`)) ??
    null
  );
}
