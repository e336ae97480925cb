import { listPolicies } from '../../policies/catalogue.js';
import type { CheckRequest } from '../../verify/pipeline.js';
import { findSubject, type Subject } from '../../verify/subject.js';
import type { Stage } from '../../verify/verdict.js';
import type { PolicyVerdict } from '../../verify/verdict-schema.js';
import { median } from '../statistics.js';
import { badPolicies, goodPolicies } from './corpus.js';
import { mistakes } from './expect.js';

/** What the parts of the bench have in common. */
export interface Checking {
  /** Checks on one pipeline for each kernel, whose guests are kept from one policy to the next. */
  check(policy: Omit<CheckRequest, 'file'>, kernel?: string): Promise<PolicyVerdict>;
  note(text: string): void;
  /** Policies whose name has this in it. */
  readonly only: string;
}

/** Rows of the table, and what went wrong. */
export interface Part {
  readonly rows: readonly (readonly string[])[];
  readonly wrong: readonly string[];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const tookMs = ({ stages }: PolicyVerdict, wanted?: readonly Stage[]): number =>
  stages.filter(({ stage }) => wanted?.includes(stage) ?? true).reduce((all, one) => all + one.tookMs, 0);
const times = (ms: readonly number[]): string =>
  ms.length === 0 ? '-' : `${seconds(median(ms))} (longest ${seconds(Math.max(...ms))}, of ${ms.length})`;
const told = ({ findings }: PolicyVerdict): string =>
  findings.map(({ message, rule }) => `${message} [${rule}]`).join('; ');

const shipped = (only: string): Subject[] =>
  listPolicies()
    .map(({ dir }) => findSubject(dir))
    .filter(({ name }) => name.includes(only));

/** The bad policies: is each caught where it must be, and does a guest that is lost stop anything? */
export async function badPart({ check, note, only }: Checking): Promise<Part> {
  const bad = badPolicies().filter(({ file }) => file.includes(only));
  const wrong: string[] = [];
  let lost = 0;
  for (const policy of bad) {
    const verdict = await check({ name: policy.file, source: policy.source }, policy.kernel);
    const faults = mistakes(policy, verdict).join('; ');
    note(`${policy.file}: ${faults || 'caught'} in ${seconds(tookMs(verdict))}`);
    if (faults !== '') wrong.push(`${policy.file}: ${faults}`);
    if (verdict.findings.some(({ rule }) => rule.endsWith('/guest-lost'))) lost += 1;
  }
  const caught = `${bad.length - wrong.length} of ${bad.length}`;
  return {
    rows: [
      ['bad policies caught at the named stage', caught, 'all, 60 or more'],
      ['guests lost to bad policies, the pipeline went on', `${lost}`, 'never stops it'],
    ],
    wrong,
  };
}

/** The good policies of the corpus and the shipped ones: is any not let through? */
export async function goodPart({ check, note, only }: Checking): Promise<Part> {
  const written = goodPolicies().map(({ file, source }) => ({ name: file, source }));
  const good = [...written.filter(({ name }) => name.includes(only)), ...shipped(only)];
  const wrong: string[] = [];
  for (const policy of good) {
    const verdict = await check(policy);
    note(
      `${policy.name}: ${verdict.accepted ? 'accepted' : `REJECTED, ${told(verdict)},`} in ${seconds(tookMs(verdict))}`,
    );
    if (!verdict.accepted) wrong.push(`${policy.name}: ${told(verdict)}`);
  }
  return { rows: [['good policies wrongly rejected', `${wrong.length} of ${good.length}`, '0']], wrong };
}

/** A source that gives another object each time, so that nothing of a check is known from an earlier one. */
const afresh = (source: string): string => `${source}\nconst volatile u64 benched_at = ${Date.now()};\n`;

/** How long checks take with guests at hand: of shipped policies, and of those that the watchdog must end. */
export async function timesPart({ check, note, only }: Checking, repeats: number): Promise<Part> {
  const policies = shipped(only);
  const starving = badPolicies().filter(({ file, says }) => file.includes(only) && /stall/.test(says));
  const [full, short, ended, wrong] = [[] as number[], [] as number[], [] as number[], [] as string[]];
  for (const policy of shipped('').slice(0, 1)) await check({ ...policy, source: afresh(policy.source) });
  for (let rounds = repeats; rounds > 0; rounds--) {
    for (const policy of policies) {
      const verdict = await check({ ...policy, source: afresh(policy.source) });
      full.push(tookMs(verdict));
      short.push(tookMs(verdict, ['lint', 'compile', 'load']));
      if (!verdict.accepted) wrong.push(`${policy.name}: ${told(verdict)}`);
      note(`${policy.name}: ${verdict.stages.map((s) => `${s.stage} ${seconds(s.tookMs)}`).join(', ')}`);
    }
    for (const { file, source } of starving) {
      const verdict = await check({ name: file, source: afresh(source) });
      ended.push(tookMs(verdict));
      if (verdict.accepted) wrong.push(`${file}: accepted`);
      note(`${file}: rejected by ${verdict.stage} in ${seconds(tookMs(verdict))}`);
    }
  }
  return {
    rows: [
      ['full check of a shipped policy, p50', times(full), '15 s'],
      ['lint, compile and load of one, p50', times(short), '2 s'],
      ['starving policies rejected within, p50', times(ended), '5 s'],
    ],
    wrong,
  };
}
