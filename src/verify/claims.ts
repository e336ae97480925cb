import type { ManifestProblem } from '../policies/problems.js';
import { shellLine } from '../shell.js';
import { evidenceIn } from './evidence-files.js';
import { type Evidence, outcome } from './evidence-schema.js';
import { type Subject, specOf } from './subject.js';

/** Workloads of the lab that a policy's manifest says it suits. */
export const claimsOf = ({ manifest }: Pick<Subject, 'manifest'>): string[] => [
  ...new Set((manifest?.suits ?? []).flatMap(({ workload }) => workload ?? [])),
];

/** Those of its claims that what was measured does not bear out. */
export const notBorneOut = (subject: Pick<Subject, 'manifest'>, evidence: readonly Evidence[]): string[] =>
  claimsOf(subject).filter((name) =>
    evidence.some((one) => one.workload === name && outcome(one) !== 'gains'),
  );

/**
 * What keeps a policy of a repository from being taken although it works: what is left to be written, and claims that
 * nothing kept in its directory bears out for this version.
 * @throws TunesmithError (usage) for evidence that cannot be read.
 */
export function contributionProblems(subject: Subject & { readonly dir: string }): ManifestProblem[] {
  const kept = evidenceIn(subject.dir).filter(({ version }) => version === subject.manifest?.version);
  const measured = new Set(kept.map(({ workload }) => workload));
  const unproven = claimsOf(subject).filter((name) => !measured.has(name));
  const claims = [
    ...unproven.map(
      (name) => `policy.json says that it suits ${name}, and no evidence of this version is kept`,
    ),
    ...notBorneOut(subject, kept).map(
      (name) => `policy.json says that it suits ${name}, and its evidence does not bear that out`,
    ),
  ];
  const command = shellLine('tunesmith', 'policy', 'trial', specOf(subject));
  const measure = `${command} measures it and keeps the evidence; or take the claim out of suits`;
  return [
    // What is unfinished may be tried out, and not contributed.
    ...(subject.problems ?? []).map((problem) => ({ ...problem, isUnfinished: false })),
    ...claims.map((message) => ({ message, isUnfinished: false, hint: measure })),
  ];
}
