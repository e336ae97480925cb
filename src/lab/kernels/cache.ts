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
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, TunesmithError } from '../../errors.js';
import { fileSlices, hashing, sha256Of } from '../../state/hash.js';
import { Once } from '../../state/once.js';
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

const home = (): string => ensureDir(cacheDir(), 'kernels');
const verified = new Set<string>();
/** Kernels being looked at: who asks for the same meanwhile waits for the first. */
const checking = new Once<CachedKernel | null>();

/** Whether a kernel was stored under that release; that it is sound shows when it is asked for. */
export const isCached = (release: string): boolean => existsSync(join(home(), release, 'kernel.json'));

/**
 * A cached kernel; one that is not what was stored counts as none, and is said and removed. The whole file is hashed once
 * per process, and no other caller waits for it.
 */
export const cachedKernel = (release: string): Promise<CachedKernel | null> =>
  checking.do(join(home(), release), () => sound(release));

async function sound(release: string): Promise<CachedKernel | null> {
  const dir = join(home(), release);
  if (!existsSync(join(dir, 'kernel.json'))) return null;
  const vmlinuz = join(dir, 'vmlinuz');
  try {
    const entry = kernelFile.parse(JSON.parse(readFileSync(join(dir, 'kernel.json'), 'utf8')));
    if (statSync(vmlinuz).size !== entry.bytes) throw new Error('its size is wrong');
    if (!verified.has(dir) && (await sha256Of(vmlinuz)) !== entry.sha256)
      throw new Error('its checksum is wrong');
    verified.add(dir);
    return { ...entry, vmlinuz };
  } catch (error) {
    process.stderr.write(`lab kernel ${release}: ${messageOf(error)}; it is fetched again\n`);
    rmSync(dir, { recursive: true, force: true });
    return null;
  }
}

/** Every sound kernel in the cache. */
export async function cachedKernels(): Promise<CachedKernel[]> {
  const found: CachedKernel[] = [];
  for (const name of readdirSync(home()).filter((name) => !name.startsWith('.'))) {
    const kernel = await cachedKernel(name);
    if (kernel) found.push(kernel);
  }
  return found;
}

/** What a kernel was built with, beside its image: empty where the package has none; a cache of an older version has none. */
export const CONFIG = 'config';

/** Stores a kernel image under its release, and what it was built with, whole or not at all. */
export async function storeKernel(
  release: string,
  source: string,
  name: string,
  version: string,
  config?: string,
): Promise<CachedKernel> {
  const dir = join(home(), release);
  const part = partDir(home());
  const hash = createHash('sha256');
  let entry: z.infer<typeof kernelFile>;
  try {
    const vmlinuz = join(part, 'vmlinuz');
    await writeFile(vmlinuz, hashing(fileSlices(source), hash));
    entry = {
      release,
      package: name,
      packageVersion: version,
      sha256: hash.digest('hex'),
      bytes: statSync(vmlinuz).size,
      fetched: new Date().toISOString(),
    };
    if (config !== undefined) copyFileSync(config, join(part, CONFIG));
    else writeFileSync(join(part, CONFIG), '');
    writeFileSync(join(part, 'kernel.json'), `${JSON.stringify(entry, null, 2)}\n`);
    // From here on without a pause: nobody of this process sees the place empty.
    rmSync(dir, { recursive: true, force: true });
    renameSync(part, dir);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    const there = await cachedKernel(release); // another process may have been faster
    if (there) return there;
    throw new TunesmithError(
      'incapable',
      `lab kernel ${release} cannot be stored in ${home()}: ${messageOf(error)}`,
    );
  }
  verified.add(dir);
  return { ...entry, vmlinuz: join(dir, 'vmlinuz') };
}
