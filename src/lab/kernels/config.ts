import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../../errors.js';
import { archOfRelease } from '../arch.js';
import { CONFIG } from './cache.js';
import { fetchKernel, offered } from './fetch.js';
import type { LabKernel } from './resolve.js';
import { seriesOf } from './spec.js';

/**
 * What a kernel was built with, the text of Debian's /boot/config-RELEASE: from its package, which is fetched again where
 * an older cache kept the image alone; of a file of the user's, from beside it or from /boot.
 * @returns undefined where there is none
 */
export async function kernelConfig(
  kernel: Pick<LabKernel, 'release' | 'vmlinuz' | 'package'>,
): Promise<Buffer | undefined> {
  const { release, vmlinuz } = kernel;
  const home = dirname(vmlinuz);
  const places =
    kernel.package === null
      ? [join(home, `config-${release}`), `/boot/config-${release}`]
      : [join(home, CONFIG)];
  const find = (): Buffer | undefined => {
    const place = places.find((path) => existsSync(path));
    return place === undefined ? undefined : readFileSync(place);
  };
  const found = find();
  if (found !== undefined || kernel.package === null) return orNone(found);
  try {
    const listing = (await offered(seriesOf(release), archOfRelease(release))).find(
      (one) => one.package === kernel.package,
    );
    if (listing !== undefined) await fetchKernel(listing);
  } catch (error) {
    process.stderr.write(`lab kernel ${release}: its configuration cannot be had (${messageOf(error)})\n`);
  }
  return orNone(find());
}

const orNone = (config: Buffer | undefined): Buffer | undefined => (config?.length ? config : undefined);
