import { listPolicies } from '../policies/catalogue.js';
import { type CheckRequest, Pipeline } from '../verify/pipeline.js';
import { findSubject } from '../verify/subject.js';
import type { Stage } from '../verify/verdict.js';
import type { PolicyVerdict } from '../verify/verdict-schema.js';
import { median } from './statistics.js';
import { table } from './table.js';
import { badPolicies, goodPolicies } from './verify/corpus.js';
import { mistakes } from './verify/expect.js';

const KERNEL = '6.18';
/** Takes task after task off the queue and keeps them: the worst a policy can do without being refused earlier. */
const STARVING = /stall/;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const sumOf = ({ stages }: PolicyVerdict, wanted: readonly Stage[]): number =>
  stages.filter(({ stage }) => wanted.includes(stage)).reduce((all, { tookMs }) => all + tookMs, 0);
const p50 = (ms: readonly number[]): string => (ms.length === 0 ? '-' : seconds(median(ms)));
const ALL: readonly Stage[] = ['lint', 'compile', 'load', 'attach', 'trial'];

/**
 * The corpus and the shipped policies through every stage: how many bad ones are caught where they must be, how many
 * good ones are not let through, and how long it takes.
 */
export async function verifyBench(
  repeats: number,
  note: (text: string) => void,
  { only = '' }: { readonly only?: string } = {},
): Promise<{ text: string }> {
  const wrong: string[] = [];
  const starving: number[] = [];
  let [caught, rejectedGood, lost] = [0, 0, 0];
  const pipelines = new Map<string, Promise<Pipeline>>();
  const check = async (policy: Omit<CheckRequest, 'file'>, kernel = KERNEL): Promise<PolicyVerdict> => {
    if (!pipelines.has(kernel)) pipelines.set(kernel, Pipeline.open(kernel));
    return ((await pipelines.get(kernel)) as Pipeline).check({ ...policy, file: policy.name });
  };
  try {
    const bad = badPolicies().filter(({ file }) => file.includes(only));
    for (const policy of bad) {
      const verdict = await check({ name: policy.file, source: policy.source }, policy.kernel);
      const faults = mistakes(policy, verdict);
      note(`${policy.file}: ${faults.join('; ') || 'caught'}`);
      if (faults.length === 0) caught += 1;
      else wrong.push(`${policy.file}: ${faults.join('; ')}`);
      if (verdict.findings.some(({ rule }) => rule.endsWith('/guest-lost'))) lost += 1;
      if (verdict.findings.some(({ message }) => STARVING.test(message))) starving.push(sumOf(verdict, ALL));
    }
    const isMeant = ({ name }: { name: string }): boolean => name.includes(only);
    const shipped = listPolicies()
      .map(({ dir }) => findSubject(dir))
      .filter(isMeant);
    const written = goodPolicies()
      .map(({ file, source }) => ({ name: file, source }))
      .filter(isMeant);
    const good = [...written, ...shipped];
    const full: number[] = [];
    const short: number[] = [];
    for (const policy of good) {
      const { name } = policy;
      const verdict = await check(policy);
      if (!verdict.accepted) {
        rejectedGood += 1;
        wrong.push(
          `${name}: ${verdict.findings.map(({ message, rule }) => `${message} [${rule}]`).join('; ')}`,
        );
      }
      note(`${name}: ${verdict.accepted ? 'accepted' : 'REJECTED'} in ${seconds(sumOf(verdict, ALL))}`);
    }
    for (let rounds = repeats; rounds > 0; rounds--)
      for (const policy of shipped) {
        // Another object, so that nothing of this check is known from an earlier one.
        const source = `${policy.source}\nconst volatile u64 benched_at = ${Date.now()};\n`;
        const verdict = await check({ ...policy, source });
        full.push(sumOf(verdict, ALL));
        short.push(sumOf(verdict, ['lint', 'compile', 'load']));
      }
    const text = [
      table([
        ['figure', 'measured', 'bar'],
        ['bad policies caught at the named stage', `${caught} of ${bad.length}`, 'all, 60 or more'],
        ['good policies wrongly rejected', `${rejectedGood} of ${good.length}`, '0'],
        ['full check of a shipped policy, p50', p50(full), '15 s'],
        ['lint, compile and load of one, p50', p50(short), '2 s'],
        ['starving policies rejected within, longest', seconds(Math.max(0, ...starving)), '5 s'],
        ['guests lost, the pipeline went on', `${lost}`, 'never stops it'],
      ]),
      ...wrong,
    ].join('\n');
    return { text };
  } finally {
    for (const pipeline of pipelines.values()) await (await pipeline).close();
  }
}
