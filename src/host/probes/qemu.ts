import { atLeast } from '../../versions.js';
import { missing, ok } from '../row.js';
import type { Run } from '../run.js';
import type { Probe } from './probe.js';

const QEMU = { id: 'qemu', name: 'QEMU', required: true };

/** The program the lab runs. */
export const QEMU_PROGRAM = 'qemu-system-x86_64';

/** Under -icount, QEMU before 8.2 lets one virtual CPU hold the clock for up to 100 ms; 8.2 shares it out. */
export const QEMU_MINIMUM = '8.2';

/** The version of a QEMU in PATH, or undefined when there is none that runs. */
export async function qemuVersion(run: Run, program = QEMU_PROGRAM): Promise<string | undefined> {
  const done = await run(program, ['--version']);
  return /version (\d+(?:\.\d+)+)/.exec(done.stdout)?.[1];
}

/** Is the lab's QEMU there, and new enough? */
export const probeQemu: Probe = async ({ run }) => {
  const version = await qemuVersion(run);
  const cost = 'the lab cannot run: no trials, no proof of a change';
  if (version === undefined) return [missing(QEMU, `no ${QEMU_PROGRAM}`, cost, 'npm run setup')];
  if (atLeast(version, QEMU_MINIMUM)) return [ok(QEMU, version)];
  const found = `${version}, older than ${QEMU_MINIMUM}`;
  const why =
    'under -icount one virtual CPU would hold the clock for up to 100 ms, which ruins every latency figure';
  return [missing(QEMU, found, `${cost}; ${why}`, 'npm run setup')];
};
