import { messageOf } from '../errors.js';
import { SCX_SERIES } from '../lab/kernels/spec.js';
import { listPolicies } from '../policies/catalogue.js';
import { Pipeline } from '../verify/pipeline.js';
import { findSubject } from '../verify/subject.js';
import { compareVersions } from '../versions.js';
import { table } from './table.js';

/** Oldest first, as a table reads. */
export const MATRIX = SCX_SERIES.toSorted((a, b) => compareVersions(a, b));

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
    const pipeline = await Pipeline.open(kernel).catch((error: unknown) => messageOf(error));
    if (typeof pipeline === 'string') {
      wrong.push(`Linux ${kernel} is left out: ${pipeline}`);
      continue;
    }
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
