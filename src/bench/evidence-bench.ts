import { messageOf } from '../errors.js';
import { Lab } from '../lab/lab.js';
import { listPolicies } from '../policies/catalogue.js';
import { gatherEvidence } from '../verify/evidence.js';
import { type Evidence, gain } from '../verify/evidence-schema.js';
import { findSubject } from '../verify/subject.js';
import { evidencePage, type Measured } from './evidence/page.js';

/** Loads of the lab's with an objective; pgbench runs a PostgreSQL of this machine. */
const WORKLOADS = ['wakeup', 'mixed', 'hackbench', 'forkstorm', 'pgbench'] as const;

export interface EvidenceOptions {
  /** Policies whose name has this in it. */
  readonly only?: string;
  /** Hears after each workload of all that is known by then: a run that is cut short is not lost. */
  readonly keep?: (page: string, measured: readonly Measured[]) => void;
}

/** Every policy on every workload beside the kernel's own scheduler, by the referee. */
export async function evidenceBench(
  _: number,
  note: (text: string) => void,
  { only = '', keep = () => {} }: EvidenceOptions = {},
): Promise<{ text: string }> {
  const lab = new Lab();
  try {
    const measured = listPolicies()
      .map(({ dir }) => ({ subject: findSubject(dir), found: [] as Evidence[], failures: [] as string[] }))
      .filter(({ subject }) => subject.name.includes(only));
    for (const workload of WORKLOADS) {
      for (const { subject, found, failures } of measured) {
        try {
          found.push(await gatherEvidence(lab, subject, { workload, kernel: 'scx', rigour: 'referee' }));
          note(`${subject.name} under ${workload}: × ${gain(found.at(-1) as Evidence).toFixed(2)}`);
        } catch (error) {
          failures.push(`${workload}: ${messageOf(error)}`);
          note(`${subject.name} under ${workload}: ${messageOf(error)}`);
        }
      }
      keep(evidencePage(measured, WORKLOADS), measured);
    }
    return { text: evidencePage(measured, WORKLOADS) };
  } finally {
    await lab.close();
  }
}
