import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TunesmithError, usageError } from '../../errors.js';
import type { SchedulerClass } from '../../knobs/types.js';
import { nearHint } from '../../near.js';
import { sha256Of } from '../../state/hash.js';
import { cacheDir, ensureDir, storeFile } from '../../state.js';
import { type Arch, archOfRelease } from '../arch.js';
import { type CachedKernel, cachedKernel, cachedKernels } from './cache.js';
import { fetchKernel, offered } from './fetch.js';
import { kernelRelease } from './image-header.js';
import { compareReleases, ROLES, releaseOf, SCX_SERIES, schedulerOf, seriesOf } from './spec.js';

/** A kernel a lab machine can boot. */
export interface LabKernel {
  readonly release: string;
  readonly scheduler: SchedulerClass;
  readonly vmlinuz: string;
  readonly sha256: string;
  /** The Debian package it came from; null for a file of the user's. */
  readonly package: string | null;
  /** What a user of it should know. */
  readonly warnings: readonly string[];
}

const DAY_MS = 86_400_000;

const labKernel = (kernel: CachedKernel): LabKernel => ({
  release: kernel.release,
  scheduler: schedulerOf(kernel.release),
  vmlinuz: kernel.vmlinuz,
  sha256: kernel.sha256,
  package: kernel.package,
  warnings: /^7\.[12]\./.test(kernel.release)
    ? [
        'its BTF is faulty: sched_ext policies that create a DSQ cannot be loaded on Debian’s 7.1 and 7.2 kernels',
      ]
    : [],
});

async function userKernel(path: string, arch: Arch): Promise<LabKernel> {
  const release = kernelRelease(path, arch);
  return {
    release,
    scheduler: schedulerOf(release),
    vmlinuz: path,
    sha256: await sha256Of(path),
    package: null,
    warnings: [],
  };
}

const MEMO = '.resolved.json';

/** Releases looked up lately, by series, so that a day's runs use one kernel and need no network. */
function memo(): Record<string, { release: string; at: number }> {
  try {
    return JSON.parse(readFileSync(join(cacheDir(), 'kernels', MEMO), 'utf8'));
  } catch {
    return {};
  }
}

/** Written beside and renamed: another process may be reading it. */
const remember = (name: string, release: string): string =>
  storeFile(
    ensureDir(cacheDir(), 'kernels'),
    MEMO,
    Buffer.from(JSON.stringify({ ...memo(), [name]: { release, at: Date.now() } })),
  );

const fits = (release: string, series: string): boolean =>
  release === series || (release.startsWith(series) && /^[.+-]/.test(release.slice(series.length)));

/** The newest kernel of a series in the cache. */
const newestCached = async (series: string, arch: Arch): Promise<CachedKernel | undefined> =>
  (await cachedKernels())
    .filter(({ release }) => fits(release, series) && archOfRelease(release) === arch)
    .sort((a, b) => compareReleases(b.release, a.release))[0];

async function newest(series: string, arch: Arch, refresh: boolean): Promise<CachedKernel> {
  const name = arch === 'x64' ? series : `${series} ${arch}`;
  const known = memo()[name];
  const lately =
    known && !refresh && Date.now() - known.at < DAY_MS ? await cachedKernel(known.release) : null;
  if (lately) return lately;
  try {
    const best = (await offered(series, arch))[0];
    if (best === undefined) throw unknownKernel(series);
    const release = releaseOf(best.package);
    const kernel = (await cachedKernel(release)) ?? (await fetchKernel(best));
    remember(name, release);
    return kernel;
  } catch (error) {
    const cached = await newestCached(series, arch);
    if (!cached) throw error;
    const why = isUnknown(error) ? 'Debian’s archive no longer has it' : messageOf(error);
    process.stderr.write(`lab kernel ${series}: using ${cached.release} from the cache (${why})\n`);
    return cached;
  }
}

/** A name that stands for no kernel. */
export function unknownKernel(spec: string): TunesmithError {
  const known = [...Object.keys(ROLES), '6.1', '6.12', ...SCX_SERIES];
  return usageError(
    '--kernel',
    spec,
    'is no role, no version Debian’s archive has, and no file',
    `${nearHint(spec, known)}; a path to a vmlinuz works too.`,
  );
}

const isUnknown = (error: unknown): boolean => error instanceof TunesmithError && error.code === 'usage';

/**
 * The newest kernel of the first of several series that can be had, as a role asks for; a series that was passed over is
 * reported. Without a network it is the first that the cache has.
 * @throws TunesmithError when none of them can be had: incapable when the archive cannot be asked, else usage.
 */
export async function firstOf(
  series: readonly string[],
  { arch = 'x64', refresh = false }: KernelOptions = {},
): Promise<LabKernel> {
  let absent: unknown;
  let unreachable: unknown;
  for (const [i, name] of series.entries()) {
    try {
      const kernel = unreachable ? await newestCached(name, arch) : await newest(name, arch, refresh);
      if (kernel === undefined) continue;
      if (i > 0)
        process.stderr.write(
          `lab kernel: ${series.slice(0, i).join(', ')} cannot be had any more; using ${kernel.release}\n`,
        );
      return labKernel(kernel);
    } catch (error) {
      if (isUnknown(error)) absent ??= error;
      else unreachable = error;
    }
  }
  throw unreachable ?? absent;
}

export interface KernelOptions {
  readonly arch?: Arch;
  /** Asks the archive although it was asked today. */
  readonly refresh?: boolean;
}

/**
 * The kernel a user means: a role (cfs, eevdf, scx, newest), a version or its beginning (6.18, 6.18.15, a whole release), or
 * the path of a vmlinuz. Fetched when it is not in the cache.
 * @throws TunesmithError usage for what does not exist or is not for `arch`; incapable when it cannot be fetched or
 * stored.
 */
export async function resolveKernel(
  spec: string,
  { arch = 'x64', refresh = false }: KernelOptions = {},
): Promise<LabKernel> {
  if (spec.includes('/') || (existsSync(spec) && !(spec in ROLES))) return userKernel(spec, arch);
  const role = Object.hasOwn(ROLES, spec) ? ROLES[spec] : undefined;
  if (role) return firstOf(role.series, { arch, refresh });
  const flavour = /-cloud-(?:amd64|arm64)$/.exec(spec)?.[0];
  if (flavour !== undefined && archOfRelease(spec) !== arch)
    throw usageError(
      '--kernel',
      spec,
      `is not made for ${arch}`,
      `name it with --arch ${archOfRelease(spec)}`,
    );
  if (!/^\d+\.\d+([.+-][\w.+-]*)?$/.test(spec)) throw unknownKernel(spec);
  const exact = await cachedKernel(spec);
  if (exact) return labKernel(exact);
  return labKernel(await newest(spec.slice(0, spec.length - (flavour?.length ?? 0)), arch, refresh));
}

/** Roles and what they stand for now (from the cache), and every cached kernel. */
export async function listKernels() {
  const cached = (await cachedKernels()).sort((a, b) => compareReleases(a.release, b.release));
  const x64 = cached.filter(({ release }) => archOfRelease(release) === 'x64');
  const roles = Object.entries(ROLES).map(([role, { series, use }]) => {
    const has = (name: string) => x64.some(({ release }) => seriesOf(release) === name);
    const first = series.find(has) ?? series[0] ?? '';
    const release = x64.filter(({ release }) => seriesOf(release) === first).at(-1)?.release ?? null;
    return { role, series: first, use, release };
  });
  const kernels = cached.map((kernel) => ({
    ...labKernel(kernel),
    packageVersion: kernel.packageVersion,
    bytes: kernel.bytes,
    fetched: kernel.fetched,
  }));
  return { roles, kernels };
}
