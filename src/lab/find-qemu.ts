import { execa } from 'execa';
import { MachineFailed, TunesmithError } from '../errors.js';
import { atLeast } from '../versions.js';
import type { Arch } from './arch.js';

export interface Qemu {
  readonly path: string;
  /** As QEMU prints it, package revision included: another build may translate differently. */
  readonly version: string;
}

/** Below this, one virtual CPU holds the clock for up to 100 ms under -icount (lab.md). */
export const MIN_QEMU = '8.2';

const PROGRAMS: Readonly<Record<Arch, string>> = { x64: 'qemu-system-x86_64', arm64: 'qemu-system-aarch64' };

/**
 * The QEMU that emulates an architecture, or the one at `path`.
 * @throws TunesmithError (incapable) when QEMU is missing or too old for exact trials.
 */
export async function findQemu(arch: Arch = 'x64', path = PROGRAMS[arch]): Promise<Qemu> {
  const hint = 'run `npm run setup`; it installs a fitting QEMU from Debian’s packages';
  const asked = await execa(path, ['--version'], { reject: false });
  const version = /version (\S+(?: \([^)]*\))?)/.exec(asked.stdout ?? '')?.[1];
  // From outside: one that crashes does so by itself.
  if (asked.signal === 'SIGKILL' || asked.signal === 'SIGTERM')
    throw new MachineFailed(`${path} --version was ended by ${asked.signal}`);
  if (version === undefined)
    throw new TunesmithError('incapable', `QEMU (${path}) is not installed`, { hint });
  if (!atLeast(version, MIN_QEMU))
    throw new TunesmithError('incapable', `QEMU ${version} is too old for the lab: it needs ${MIN_QEMU}`, {
      hint,
    });
  return { path, version };
}
