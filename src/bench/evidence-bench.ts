import { availableParallelism } from 'node:os';
import { messageOf } from '../errors.js';
import { Lab } from '../lab/lab.js';
import { listPolicies } from '../policies/catalogue.js';
import { gatherEvidence, ownValues } from '../verify/evidence.js';
import { type Evidence, gain } from '../verify/evidence-schema.js';
import { findSubject } from '../verify/subject.js';
import { evidencePage, type Measured } from './evidence/page.js';

/** Loads of the lab's with an objective, the quickest first; pgbench runs a PostgreSQL of this machine. */
const WORKLOADS = ['mixed', 'hackbench', 'forkstorm', 'wakeup', 'pgbench'] as const;
const KERNEL = 'scx';

export interface EvidenceOptions {
  /** Policies whose name has this in it. */
  readonly only?: string;
  /** Hears after each workload of all that is known by then: a run that is cut short is not lost. */
  readonly keep?: (page: string, measured: readonly Measured[]) => void;
}

/**
 * Every policy on every workload beside the kernel's own scheduler, by the referee; and the latter with so many seeds,
 * for what chance alone makes of a figure.
 */
export async function evidenceBench(
  seeds: number,
  note: (text: string) => void,
  { only = '', keep = () => {} }: EvidenceOptions = {},
): Promise<{ text: string }> {
  const lab = new Lab();
  try {
    const measured: Growing[] = listPolicies()
      .map(({ dir }) => ({ subject: findSubject(dir), found: [], failures: [] }))
      .filter(({ subject }) => subject.name.includes(only));
    const loads = new Map<string, readonly number[]>(WORKLOADS.map((workload) => [workload, []]));
    for (const workload of WORKLOADS) {
      const queue = [...measured];
      const worker = async (): Promise<void> => {
        for (let one = queue.shift(); one; one = queue.shift()) await measureOne(lab, one, workload, note);
      };
      await Promise.all(Array.from({ length: availableParallelism() }, worker));
      keep(evidencePage(measured, loads), measured);
    }
    for (const workload of WORKLOADS) {
      loads.set(workload, await seedsOf(lab, workload, seeds));
      note(`the kernel’s own under ${workload}, ${seeds} seeds: ${loads.get(workload)?.join(', ')}`);
      keep(evidencePage(measured, loads), measured);
    }
    return { text: evidencePage(measured, loads) };
  } finally {
    await lab.close();
  }
}

interface Growing extends Measured {
  readonly found: Evidence[];
  readonly failures: string[];
}

async function measureOne(
  lab: Lab,
  { subject, found, failures }: Growing,
  workload: string,
  note: (text: string) => void,
): Promise<void> {
  try {
    const one = await gatherEvidence(lab, subject, { workload, kernel: KERNEL, rigour: 'referee' });
    found.push(one);
    note(`${subject.name} under ${workload}: × ${gain(one).toFixed(2)}`);
  } catch (error) {
    failures.push(`${workload}: ${messageOf(error)}`);
    note(`${subject.name} under ${workload}: ${messageOf(error)}`);
  }
}

/** The kernel's own scheduler with each seed; none where it cannot be measured, which the policies' rows say. */
async function seedsOf(lab: Lab, workload: string, seeds: number): Promise<readonly number[]> {
  try {
    return await ownValues(lab, {
      workload,
      kernel: KERNEL,
      seeds: Array.from({ length: seeds }, (_, i) => 1 + i),
    });
  } catch {
    return [];
  }
}
