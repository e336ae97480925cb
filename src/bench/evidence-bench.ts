import { messageOf } from '../errors.js';
import { Lab } from '../lab/lab.js';
import { listPolicies } from '../policies/catalogue.js';
import { gatherEvidence, workloadsOf } from '../verify/evidence.js';
import { gain } from '../verify/evidence-schema.js';
import { findSubject } from '../verify/subject.js';
import { table } from './table.js';

/** Loads of the lab's that need nothing of this machine but stress-ng and perf. */
const WORKLOADS = ['wakeup', 'mixed', 'hackbench', 'forkstorm'] as const;

/** Policies × workloads: how many times better the objective is than under the kernel's own scheduler (referee). */
export async function evidenceBench(_: number, note: (text: string) => void): Promise<{ text: string }> {
  const lab = new Lab();
  try {
    const rows: string[][] = [['policy', ...WORKLOADS]];
    for (const { dir } of listPolicies()) {
      const subject = findSubject(dir);
      const claimed = workloadsOf(subject).filter((workload) => workload.claimed);
      const row = [`\`${subject.name}\``];
      for (const workload of WORKLOADS) {
        const mark = claimed.some(({ name }) => name === workload) ? ' *' : '';
        try {
          const found = await gatherEvidence(lab, subject, { workload, kernel: 'scx', rigour: 'referee' });
          row.push(`× ${gain(found).toFixed(2)}${mark}`);
        } catch (error) {
          row.push(`none${mark}`);
          note(`${subject.name} under ${workload}: ${messageOf(error)}`);
        }
        note(`${subject.name} under ${workload}: ${row.at(-1)}`);
      }
      rows.push(row);
    }
    return { text: `${table(rows)}\n\n\\* the manifest says that it suits this load` };
  } finally {
    await lab.close();
  }
}
