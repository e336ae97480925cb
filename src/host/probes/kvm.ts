import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DoctorRow, degraded, missing, ok } from '../row.js';
import { writeError } from './files.js';
import type { Machine, Probe } from './probe.js';
import { QEMU_PROGRAM } from './qemu.js';

const KVM = { id: 'kvm', name: 'KVM' };
const COST = 'nothing: the lab keeps a virtual clock, which hardware virtualisation cannot';
const EXIT_PORT = 0xf4;
const TOKEN = 0x10;
// isa-debug-exit ends QEMU with (value << 1) | 1.
const EXIT_CODE = (TOKEN << 1) | 1;

/** An openable /dev/kvm proves little (nested machines offer one that runs nothing), so a guest is really run. */
export const probeKvm: Probe = async (machine) => [await kvmRow(machine)];

async function kvmRow({ root, run }: Machine): Promise<DoctorRow> {
  const refused = writeError(join(root, 'dev/kvm'));
  if (refused === 'ENOENT') return missing(KVM, 'no /dev/kvm', COST);
  if (refused !== '') return degraded(KVM, `/dev/kvm is refused (${refused})`, COST);

  const directory = mkdtempSync(join(tmpdir(), 'tunesmith-kvm-'));
  try {
    writeFileSync(join(directory, 'rom'), rom());
    const guest = ['-accel', 'kvm', '-cpu', 'host', '-M', 'pc', '-m', '16', '-bios', 'rom'];
    const bare = ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'];
    const exit = ['-device', `isa-debug-exit,iobase=${EXIT_PORT},iosize=1`];
    const done = await run(QEMU_PROGRAM, [...guest, ...bare, ...exit], { timeoutMs: 3000, cwd: directory });
    if (!done.found) return degraded(KVM, `/dev/kvm opens; not tried, there is no ${QEMU_PROGRAM}`, COST);
    if (done.code === EXIT_CODE) return ok(KVM, 'a minimal guest runs; the lab does not use it');
    const said = done.stderr.split('\n').find((line) => line.trim() !== '');
    const why = done.timedOut
      ? 'it hangs'
      : (said?.replace(`${QEMU_PROGRAM}: `, '').slice(0, 120) ?? `exit ${done.code}`);
    return degraded(KVM, `/dev/kvm opens, but a minimal guest does not run: ${why}`, COST);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A 64 KB BIOS that writes one byte to the exit port as its first act: mov al,TOKEN; out EXIT_PORT,al; hlt. */
function rom(): Buffer {
  const image = Buffer.alloc(0x10000);
  image.set([0xb0, TOKEN, 0xe6, EXIT_PORT, 0xf4, 0xeb, 0xfd], 0xfff0);
  return image;
}
