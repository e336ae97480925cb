import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TunesmithError } from '../../errors.js';
import { confinement, isConfining } from '../../host/confine.js';
import { POLICIES } from '../../policies/catalogue.js';

/** Digests of the policies as they are shipped, as sha256sum(1) writes them. */
const SHIPPED = join(POLICIES, 'shipped.sha256');

let trusting = false;

/** `--trust-source`: who runs this process answers for every source it compiles where nothing confines clang. */
export function trustSources(): void {
  trusting = true;
}

/** Whether a source is, byte for byte, that of a policy of the repository as it is shipped. */
export function isShipped(source: string | Buffer): boolean {
  const digest = createHash('sha256').update(source).digest('hex');
  return existsSync(SHIPPED) && readFileSync(SHIPPED, 'utf8').includes(`${digest}  `);
}

/**
 * Lets a source in to be compiled, or an object to be loaded in a guest.
 * @returns whether clang may run `bare`, with neither a namespace nor Landlock
 * @throws TunesmithError (incapable) for a source that is not trusted on a machine that gives neither.
 */
export async function admit(source: string | Buffer): Promise<{ readonly bare: boolean }> {
  if (isConfining(await confinement())) return { bare: false };
  if (trusting || isShipped(source)) return { bare: true };
  throw new TunesmithError(
    'incapable',
    'nothing on this machine confines clang and QEMU, so a policy of unknown origin is neither compiled nor run',
    {
      hint: 'a kernel with Landlock or namespaces confines it (tunesmith doctor); for a policy you answer for, add --trust-source',
    },
  );
}
