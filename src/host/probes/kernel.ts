import { join } from 'node:path';
import { atLeast } from '../../versions.js';
import { type DoctorRow, degraded, missing, ok } from '../row.js';
import { readText } from './files.js';
import type { Machine, Probe } from './probe.js';

const KERNEL = { id: 'kernel', name: 'Kernel' };
const LOCKDOWN = { id: 'lockdown', name: 'Lockdown' };

/** The running kernel's release, such as 6.18.15-amd64; '' when /proc is not there. */
export const kernelRelease = (root: string): string =>
  readText(join(root, 'proc/sys/kernel/osrelease')) ?? '';

/** Kernel version and lockdown mode. */
export const probeKernel: Probe = (machine) => [kernelRow(machine), lockdownRow(machine)];

function kernelRow({ root }: Machine): DoctorRow {
  const release = kernelRelease(root);
  const upgrade = 'boot Debian 12’s kernel or a newer one';
  if (release === '') return missing(KERNEL, '/proc is not mounted', 'nothing can be tuned on this host');
  if (!atLeast(release, '6.1'))
    return degraded(KERNEL, release, 'this host is older than the oldest kernel tried (6.1)', upgrade);
  return ok(KERNEL, `${release}, ${atLeast(release, '6.6') ? 'EEVDF' : 'CFS'}`);
}

/** The mode in brackets: `none [integrity] confidentiality`. */
function lockdownRow({ root }: Machine): DoctorRow {
  const text = readText(join(root, 'sys/kernel/security/lockdown'));
  const lift = 'boot with Secure Boot off, or with lockdown=none where the kernel allows it';
  switch (/\[(\w+)\]/.exec(text ?? '')?.[1]) {
    case 'none':
      return ok(LOCKDOWN, 'off');
    case 'integrity':
      return degraded(
        LOCKDOWN,
        'integrity',
        'debugfs, where the scheduler’s knobs live, is refused to everybody',
        lift,
      );
    case 'confidentiality':
      return degraded(
        LOCKDOWN,
        'confidentiality',
        'debugfs is refused, and BPF programs may not read kernel memory',
        lift,
      );
    default:
      return degraded(
        LOCKDOWN,
        'not visible: securityfs is not mounted, or the kernel has no lockdown',
        'whether debugfs is refused shows only when a knob is opened',
        'sudo mount -t securityfs securityfs /sys/kernel/security',
      );
  }
}
