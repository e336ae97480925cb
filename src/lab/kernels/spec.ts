import type { SchedulerClass } from '../../knobs/types.js';
import { compareVersions } from '../../versions.js';
import { type Arch, debianArch } from '../arch.js';

/**
 * Debian's kernels with sched_ext, as far as policies load on them (docs/policies.md says why 7.1 and 7.2 do not have
 * them), the one that the published figures are of first.
 */
export const SCX_SERIES = ['6.18', '6.19', '7.0', '7.3', '6.17', '6.16'] as const;

const newestFirst = (series: readonly string[]) => series.toSorted((a, b) => compareVersions(b, a));

/** What a role stands for: the newest of the first series that the archive or the cache has. */
export interface Role {
  readonly series: readonly string[];
  readonly use: string;
}

/** The archive drops kernels: backports keep a series for some weeks after the next came. */
export const ROLES: Readonly<Record<string, Role>> = {
  cfs: { series: ['6.1'], use: 'CFS, with the knobs of the LumOS paper' },
  eevdf: { series: [...SCX_SERIES, '6.12'], use: 'EEVDF, with base_slice_ns' },
  scx: { series: SCX_SERIES, use: 'sched_ext' },
  newest: { series: newestFirst(SCX_SERIES), use: 'sched_ext, the newest kernel that policies load on' },
};

/** Where Debian keeps kernels of a series: 6.1 belongs to bookworm, everything from 6.13 on to trixie-backports. */
export const suitesOf = (series: string): readonly string[] =>
  compareVersions(series, '6.2') < 0
    ? ['bookworm', 'bookworm-security']
    : compareVersions(series, '6.13') < 0
      ? ['bookworm-backports', 'trixie', 'trixie-security']
      : ['trixie-backports'];

/**
 * Packages that carry a kernel image of a series, as an extended regular expression. From 6.19 on the image is in
 * linux-binary-*, and linux-image-* is empty.
 */
export const packagePattern = (series: string, arch: Arch = 'x64'): string => {
  const version = series.replaceAll('.', '\\.');
  const kind = compareVersions(series, '6.19') < 0 ? 'image' : 'binary(-unsigned)?';
  return `^linux-${kind}-${version}[.+][0-9.]*[^ ]*cloud-${debianArch(arch)}$`;
};

/** The release in a package's name: linux-binary-unsigned-7.3.4+deb13-cloud-amd64 → 7.3.4+deb13-cloud-amd64. */
export const releaseOf = (packageName: string): string =>
  packageName.replace(/^linux-(image|binary(-unsigned)?)-/, '');

/** 6.1.0-56-cloud-amd64 → 6.1 */
export const seriesOf = (release: string): string => /^\d+\.\d+/.exec(release)?.[0] ?? release;

/** EEVDF replaced CFS in 6.6. */
export const schedulerOf = (release: string): SchedulerClass =>
  compareVersions(seriesOf(release), '6.6') < 0 ? 'cfs' : 'eevdf';

/** Orders releases of one series, abi number included: 6.1.0-9 < 6.1.0-56. */
export function compareReleases(a: string, b: string): number {
  const numbers = (release: string) => (release.match(/\d+/g) ?? []).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
