import { messageOf } from '../errors.js';
import { agentPath, native } from '../native.js';
import { sqliteFault } from '../sqlite.js';
import { cacheDir } from '../state.js';
import { probeBpf } from './probes/bpf.js';
import { probeBuild, SETUP } from './probes/build.js';
import { probeCgroup } from './probes/cgroup.js';
import { probeConfinement } from './probes/confinement.js';
import { probeDebugfs } from './probes/debugfs.js';
import { probeKernel } from './probes/kernel.js';
import { probeKernels } from './probes/kernels.js';
import { probeKvm } from './probes/kvm.js';
import { probePmu } from './probes/pmu.js';
import type { Machine, Probe } from './probes/probe.js';
import { probePrograms } from './probes/programs.js';
import { probeQemu } from './probes/qemu.js';
import { probeSchedExt } from './probes/sched-ext.js';
import { probeTools } from './probes/tools.js';
import type { DoctorReport } from './report.js';
import { run } from './run.js';

/** In the order of the report: what the lab stands on, then what the host offers. */
const PROBES: readonly Probe[] = [
  ...[probeBuild, probeQemu, probeKernels, probePrograms, probeKvm],
  ...[
    probeKernel,
    probeBpf,
    probeTools,
    probeConfinement,
    probeSchedExt,
    probeDebugfs,
    probeCgroup,
    probePmu,
  ],
];

export interface DoctorOptions {
  /** Replaces parts of this machine, for another file tree or other programs. */
  readonly machine?: Partial<Machine>;
}

/** What this machine can do, row by row. Reads only; takes about a second, at most some ten. */
export async function runDoctor(options: DoctorOptions = {}): Promise<DoctorReport> {
  const machine: Machine = { ...thisMachine(), ...options.machine };
  const rows = (await Promise.all(PROBES.map((probe) => probe(machine)))).flat();
  const capable = rows.every((row) => !(row.required && row.state === 'missing'));
  return { schema: 'tunesmith.doctor/1', capable, rows };
}

const thisMachine = (): Machine => ({
  root: '/',
  run,
  native: orAbsent(native),
  sqlite: sqliteAbsent(),
  agent: orAbsent(agentPath),
  cache: cacheDir(),
  node: process.version,
});

function sqliteAbsent(): Machine['sqlite'] {
  const fault = sqliteFault();
  return fault && { absent: fault.message, fix: fault.hint ?? SETUP };
}

function orAbsent<T>(get: () => T): T | { absent: string } {
  try {
    return get();
  } catch (error) {
    return { absent: messageOf(error) };
  }
}
