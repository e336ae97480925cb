import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findQemu } from '../../src/lab/find-qemu.js';
import { storeImage } from '../../src/lab/image.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import type { MachineOptions } from '../../src/lab/machine.js';
import { machineShape } from '../../src/lab/shape.js';
import { bootFile } from '../../src/lab/vmlinux.js';
import { tree } from '../host/fixture.js';

/** A static program compiled from C, to be a guest's only process. */
export function program(source: string): Buffer {
  const root = tree({ 'init.c': source });
  execFileSync('cc', ['-static', '-O1', '-o', join(root, 'init'), join(root, 'init.c')]);
  return readFileSync(join(root, 'init'));
}

/** A one-CPU guest that runs `init` and has no agent; booted as fast as can be, since nothing is measured in it. */
export async function guestOf(init: Buffer, more: Partial<MachineOptions> = {}): Promise<MachineOptions> {
  const kernel = await resolveKernel('eevdf');
  return {
    qemu: (await findQemu()).path,
    shape: machineShape({ cpus: 1, memoryMib: 128, mode: 'fast' }),
    kernel: await bootFile(kernel.vmlinuz),
    image: (
      await storeImage([
        { kind: 'file', path: 'init', mode: 0o755, body: init },
        { kind: 'dir', path: 'dev', mode: 0o755 },
      ])
    ).path,
    incoming: null,
    bootRequest: {},
    wallLimitMs: 120_000,
    ...more,
  };
}
