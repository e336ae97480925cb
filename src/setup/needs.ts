import { installedVersion } from '../apt.js';
import { QEMU_MINIMUM, qemuVersion } from '../host/probes/qemu.js';
import { findBpftool } from '../host/probes/tools.js';
import { run } from '../host/run.js';

/** A Debian package that must not be older than `minimum`, and how to see which version is in use. */
export interface Need {
  readonly package: string;
  readonly minimum: string;
  readonly have: () => Promise<string | undefined>;
}

/** What the lab and the BPF side need in versions that Debian 12 itself does not have. */
export const NEEDS: readonly Need[] = [
  { package: 'qemu-system-x86', minimum: QEMU_MINIMUM, have: () => qemuVersion(run) },
  // 1.4 lets a policy's timeout be changed before it is loaded.
  { package: 'libbpf-dev', minimum: '1.4', have: () => installedVersion('libbpf-dev') },
  // The version that was tried on the types of every lab kernel.
  { package: 'bpftool', minimum: '7.5', have: async () => (await findBpftool(run))?.version },
];

/** What arm64 lab guests need besides. */
export const ARM64_NEEDS: readonly Need[] = [
  {
    package: 'qemu-system-arm',
    minimum: QEMU_MINIMUM,
    have: () => qemuVersion(run, 'qemu-system-aarch64'),
  },
];
