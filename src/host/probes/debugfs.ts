import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DoctorRow, degraded, missing, ok } from '../row.js';
import { readError, writeError } from './files.js';
import { mounts } from './mounts.js';
import type { Probe } from './probe.js';

const DEBUGFS = { id: 'debugfs', name: 'Scheduler knobs (debugfs)' };
const COST = 'the scheduler’s knobs cannot be tuned on this host; the lab is not affected';
// EEVDF's, CFS's, and what CFS also had: whichever this kernel spells.
const KNOBS = ['base_slice_ns', 'latency_ns', 'min_granularity_ns'];

/** What was seen of debugfs: is it mounted, which knob is there, and the errno names of opening it ('' is none). */
export interface DebugfsSeen {
  readonly mounted: boolean;
  readonly knob: string | undefined;
  readonly read: string;
  readonly write: string;
}

/** Opens one scheduler knob, for reading and for writing, and writes nothing. */
export const probeDebugfs: Probe = ({ root }) => {
  const mount = mounts(root).find(({ type }) => type === 'debugfs');
  const sched = join(root, mount?.where ?? 'sys/kernel/debug', 'sched');
  const knob = KNOBS.find((name) => existsSync(join(sched, name)));
  const path = join(sched, knob ?? '');
  return [
    debugfsRow({
      mounted: mount !== undefined,
      knob,
      read: knob === undefined ? 'ENOENT' : readError(path),
      write: knob === undefined ? 'ENOENT' : writeError(path),
    }),
  ];
};

/** The row for what was seen. */
export function debugfsRow({ mounted, knob, read, write }: DebugfsSeen): DoctorRow {
  if (!mounted)
    return missing(
      DEBUGFS,
      'debugfs is not mounted',
      COST,
      'sudo mount -t debugfs debugfs /sys/kernel/debug',
    );
  if (knob === undefined)
    return missing(
      DEBUGFS,
      'mounted, but sched/ has no knob or may not be searched',
      COST,
      'run tunesmith as root',
    );
  if (read === '' && write === '') return ok(DEBUGFS, `sched/${knob} can be read and written`);
  if (read === '')
    return degraded(DEBUGFS, `sched/${knob} can be read, not written (${write})`, COST, wayOut(write));
  return missing(DEBUGFS, `sched/${knob} is refused (${read})`, COST, wayOut(read));
}

function wayOut(code: string): string {
  if (code === 'EPERM')
    return 'as root this is kernel lockdown: boot with Secure Boot off, or with lockdown=none';
  return code === 'EACCES' ? 'run tunesmith as root' : '';
}
