import { closeSync, fchmodSync, fchownSync, fstatSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf, TunesmithError } from '../errors.js';
import { type Bounds, confined, programFile, runtimeOf, sharesOf } from '../host/confine.js';
import { cacheDir } from '../state.js';
import type { MachineShape } from './qemu.js';

/*
 * QEMU emulates what a stranger's policy may have broken, so it runs confined (docs/security.md): what it works on it
 * gets as descriptors, and what it can open besides are its libraries and firmware. None of this reaches the guest, so it
 * has no part in a trial's key.
 */

/** Of QEMU's own: no calls but an emulator's, no rights, no processes, no other scheduling. */
const SANDBOX = 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny';

const LIBRARIES = ['/usr/lib', '/lib', '/lib64'];
const FIRMWARE = ['qemu', 'seabios', 'qemu-efi-aarch64'];

const MIB = 1024 ** 2;
/** What QEMU needs beside its guest's memory: translated code, threads' stacks, libraries. */
const OWN_MEMORY = 16 * 1024 * MIB;
/** No guest of the lab is at work for so long; who types into one may be. */
const CPU_SECONDS = 86_400;

/** The descriptors QEMU inherits, by what they are for; each number is its place. */
export const FD = { qmp: 3, mailbox: 4, gates: [5, 6], lockstep: 7, kernel: 8, image: 9, state: 10 } as const;

/** The name under which QEMU opens a descriptor again. */
export const fdPath = (fd: number): string => `/proc/self/fd/${fd}`;

/** Files that QEMU gets as descriptors; closed with it, and then ours alone again. */
export class Handed implements Disposable {
  readonly kernel: number;
  readonly image: number;
  readonly lockstep: number | null;
  /** The snapshot that is restored or made. */
  readonly state: number | null;

  constructor(
    paths: { readonly kernel: string; readonly image: string; readonly lockstep: string | null },
    state: { readonly path: string; readonly isNew: boolean } | null,
  ) {
    this.kernel = openShared(paths.kernel);
    this.image = openShared(paths.image);
    this.lockstep = paths.lockstep === null ? null : openSync(paths.lockstep, 'r');
    this.state =
      state === null ? null : state.isNew ? openSync(state.path, 'wx+', 0o600) : openShared(state.path);
  }

  [Symbol.dispose](): void {
    for (const fd of [this.kernel, this.image, this.lockstep, this.state]) if (fd !== null) closeSync(fd);
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new TunesmithError('incapable', `the lab guest cannot be started: ${messageOf(cause)}`, { cause });
  }
}

/** A file of our cache, where nobody else walks, may be read by who QEMU runs as; others' files stay as they are. */
function openShared(path: string): number {
  const fd = opened(path);
  const { mode, uid } = fstatSync(fd);
  if ((mode & 0o004) === 0 && uid === process.getuid?.() && path.startsWith(join(cacheDir(), '/')))
    fchmodSync(fd, (mode & 0o777) | 0o044);
  return fd;
}

/** A file that QEMU has written is ours again. */
export function takeBack(path: string): void {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const fd = openSync(path, 'r');
  try {
    if (fstatSync(fd).uid !== uid) fchownSync(fd, uid, gid);
    fchmodSync(fd, 0o644);
  } finally {
    closeSync(fd);
  }
}

/** How QEMU is started. @throws TunesmithError (incapable) when it or the launcher is not there */
export async function confinedQemu(
  qemu: string,
  args: readonly string[],
  shape: MachineShape,
  options: Record<'isRestored' | 'isSaved' | 'isExact' | 'isInteractive', boolean>,
): Promise<[string, string[]]> {
  const program = programFile(qemu);
  const state = options.isRestored ? [FD.state] : [];
  const memory = (shape.memoryMib + shape.mailboxMib) * MIB;
  const bounds: Bounds = {
    read: [
      ...(await runtimeOf(program)),
      ...LIBRARIES,
      ...sharesOf(program, ...FIRMWARE),
      join(dirname(dirname(program)), 'lib/ipxe'),
    ],
    readFds: [FD.kernel, FD.image, ...(options.isExact ? [FD.lockstep] : []), ...state],
    writeFds: [FD.mailbox, ...FD.gates, ...(options.isSaved ? [FD.state] : [])],
    keep: FD.state,
    memory: 2 * memory + OWN_MEMORY,
    output: memory + 1024 * MIB,
    tasks: 512,
    ...(options.isInteractive ? {} : { cpuSeconds: CPU_SECONDS }),
    // Woken as SCHED_BATCH, QEMU's other threads do not take the CPU from a guest's with a machine on every core.
    batch: true,
    // What is not trusted was refused before it came here (verify/compile/trust.ts).
    bare: true,
  };
  return confined(program, ['-sandbox', SANDBOX, ...args], bounds);
}
