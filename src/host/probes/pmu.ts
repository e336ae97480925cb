import { type DoctorRow, degraded, missing, ok } from '../row.js';
import type { Probe } from './probe.js';

const PMU = { id: 'pmu', name: 'CPU counters (PMU)' };
const COST = 'no cycles, instructions or cache misses in a signature; the kernel’s own counters remain';

/** Can a hardware counter be opened? */
export const probePmu: Probe = ({ native }) =>
  'absent' in native
    ? [missing(PMU, `cannot tell: ${native.absent}`, COST, 'npm run setup')]
    : [pmuRow(native.pmu())];

/** The row for a cycle counter that was really tried. */
export function pmuRow(pmu: { ok: boolean; code: string; reason: string }): DoctorRow {
  if (pmu.ok) return ok(PMU, 'a cycle counter opens');
  if (pmu.code === 'EACCES' || pmu.code === 'EPERM')
    return degraded(
      PMU,
      pmu.reason,
      COST,
      'sudo sysctl kernel.perf_event_paranoid=2, or run tunesmith as root',
    );
  return missing(PMU, pmu.reason, COST, 'bare metal, or a virtual machine that is given a PMU');
}
