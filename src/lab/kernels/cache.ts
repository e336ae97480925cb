import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, TunesmithError } from '../../errors.js';
import { cacheDir, ensureDir, partDir } from '../../state.js';

const kernelFile = z.object({
  release: z.string(),
  package: z.string(),
  packageVersion: z.string(),
  sha256: z.string().length(64),
  bytes: z.int().positive(),
  fetched: z.string(),
});

export type CachedKernel = z.infer<typeof kernelFile> & { readonly vmlinuz: string };

export const sha256Of = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

const home = (): string => ensureDir(cacheDir(), 'kernels');
const verified = new Set<string>();

/** A cached kernel; one that is not what was stored counts as none, and is said and removed. */
export function cachedKernel(release: string): CachedKernel | null {
  const dir = join(home(), release);
  if (!existsSync(join(dir, 'kernel.json'))) return null;
  const vmlinuz = join(dir, 'vmlinuz');
  try {
    const entry = kernelFile.parse(JSON.parse(readFileSync(join(dir, 'kernel.json'), 'utf8')));
    if (statSync(vmlinuz).size !== entry.bytes) throw new Error('its size is wrong');
    if (!verified.has(dir) && sha256Of(vmlinuz) !== entry.sha256) throw new Error('its checksum is wrong');
    verified.add(dir);
    return { ...entry, vmlinuz };
  } catch (error) {
    process.stderr.write(`lab kernel ${release}: ${messageOf(error)}; it is fetched again\n`);
    rmSync(dir, { recursive: true, force: true });
    return null;
  }
}

/** Every sound kernel in the cache. */
export const cachedKernels = (): CachedKernel[] =>
  readdirSync(home())
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => cachedKernel(name) ?? []);

/** What a kernel was built with, beside its image; a cache of an older version has none. */
export const CONFIG = 'config';

/** Stores a kernel image under its release, and what it was built with, whole or not at all. */
export function storeKernel(
  release: string,
  source: string,
  name: string,
  version: string,
  config?: string,
): CachedKernel {
  const dir = join(home(), release);
  const part = partDir(home());
  const vmlinuz = readFileSync(source);
  const entry = {
    release,
    package: name,
    packageVersion: version,
    sha256: createHash('sha256').update(vmlinuz).digest('hex'),
    bytes: vmlinuz.length,
    fetched: new Date().toISOString(),
  };
  try {
    writeFileSync(join(part, 'vmlinuz'), vmlinuz);
    if (config !== undefined) copyFileSync(config, join(part, CONFIG));
    writeFileSync(join(part, 'kernel.json'), `${JSON.stringify(entry, null, 2)}\n`);
    rmSync(dir, { recursive: true, force: true });
    renameSync(part, dir);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    const there = cachedKernel(release); // another process may have been faster
    if (there) return there;
    throw new TunesmithError(
      'incapable',
      `lab kernel ${release} cannot be stored in ${home()}: ${messageOf(error)}`,
    );
  }
  verified.add(dir);
  return { ...entry, vmlinuz: join(dir, 'vmlinuz') };
}
