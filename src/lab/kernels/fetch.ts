import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { download, type Listing, search, unpack } from '../../apt.js';
import { TunesmithError } from '../../errors.js';
import { Once } from '../../state/once.js';
import { cacheDir, ensureDir, partDir } from '../../state.js';
import { type Arch, archOfRelease, debianArch } from '../arch.js';
import { type CachedKernel, storeKernel } from './cache.js';
import { compareReleases, packagePattern, releaseOf, suitesOf } from './spec.js';

/** Kernel packages of a series on offer, newest release first; a signed image before an unsigned one. */
export async function offered(series: string, arch: Arch = 'x64'): Promise<Listing[]> {
  const found = await search(suitesOf(series), packagePattern(series, arch), debianArch(arch));
  const unsigned = (name: string) => Number(name.includes('-unsigned-'));
  return found.sort(
    (a, b) =>
      compareReleases(releaseOf(b.package), releaseOf(a.package)) ||
      unsigned(a.package) - unsigned(b.package) ||
      (a.version < b.version ? 1 : -1),
  );
}

/** A file in an unpacked package: under boot/, or beside the modules. */
async function findFile(root: string, name: RegExp): Promise<string | undefined> {
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  const found = files.find((file) => file.isFile() && name.test(file.name));
  return found && join(found.parentPath, found.name);
}

/** Kernels being fetched: who asks for the same meanwhile waits for the first. */
const fetching = new Once<CachedKernel>();

/** Fetches a kernel package (apt verifies it) and stores its image in the cache. */
export const fetchKernel = (listing: Listing): Promise<CachedKernel> =>
  fetching.do(`${cacheDir()}\n${listing.package} ${listing.version}`, () => fetched(listing));

async function fetched(listing: Listing): Promise<CachedKernel> {
  const release = releaseOf(listing.package);
  process.stderr.write(`fetching lab kernel ${release} (${listing.package} ${listing.version})\n`);
  const work = partDir(ensureDir(cacheDir(), 'run'));
  try {
    const architecture = debianArch(archOfRelease(release));
    const spec = `${listing.package}=${listing.version}`;
    const deb = await download([listing.suite], spec, work, architecture);
    await unpack(deb, join(work, 'root'));
    const image = await findFile(join(work, 'root'), /^vmlinuz/);
    if (image === undefined)
      throw new TunesmithError('incapable', `${listing.package} carries no kernel image`);
    const config = await findFile(join(work, 'root'), /^config-\d/);
    return await storeKernel(release, image, listing.package, listing.version, config);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
