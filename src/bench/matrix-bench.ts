import { listPolicies } from '../policies/catalogue.js';
import { Pipeline } from '../verify/pipeline.js';
import { findSubject } from '../verify/subject.js';
import { table } from './table.js';

/** Debian's kernels with sched_ext that resolve what a policy needs (docs/policies.md says why 7.1 and 7.2 do not). */
export const MATRIX = ['6.16', '6.17', '6.18', '6.19', '7.0', '7.3'] as const;

/** Every shipped policy on every kernel: compiled, loaded, attached, and held under a mild load. */
export async function matrixBench(
  _: number,
  note: (text: string) => void,
  { only = '' }: { readonly only?: string } = {},
): Promise<{ text: string }> {
  const subjects = listPolicies()
    .map(({ dir }) => findSubject(dir))
    .filter(({ name }) => name.includes(only));
  const cells = new Map<string, string[]>(subjects.map(({ name }) => [name, []]));
  const releases: string[] = [];
  const wrong: string[] = [];
  for (const kernel of MATRIX) {
    const pipeline = await Pipeline.open(kernel);
    try {
      releases.push(pipeline.kernel.release.replace(/[+-].*/, ''));
      for (const subject of subjects) {
        const verdict = await pipeline.check({ ...subject, until: 'attach' });
        cells.get(subject.name)?.push(verdict.accepted ? 'runs' : `${verdict.stage}`);
        const why = verdict.findings.map(({ rule, message }) => `${message} [${rule}]`).join('; ');
        if (!verdict.accepted) wrong.push(`${subject.name} on ${kernel}: ${why}`);
        note(`${subject.name} on ${kernel}: ${verdict.accepted ? 'runs' : why}`);
      }
    } finally {
      await pipeline.close();
    }
  }
  const rows = [...cells].map(([name, row]) => [`\`${name}\``, ...row]);
  return { text: [table([['policy', ...releases], ...rows]), ...wrong].join('\n') };
}
