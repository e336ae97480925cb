import { TunesmithError, usageError } from '../errors.js';
import { resolveKernel } from '../lab/kernels/resolve.js';
import type { Lab } from '../lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../lab/prepare.js';
import type { TrialResult } from '../lab/trial.js';
import { shellLine } from '../shell.js';
import { workloadByName } from '../workloads/index.js';
import { claimsOf } from './claims.js';
import { compileSubject } from './compile-subject.js';
import type { Evidence } from './evidence-schema.js';
import { type Subject, specOf } from './subject.js';

/** Loads to show what a policy costs elsewhere, the first two that it does not claim. */
const OTHERS = ['wakeup', 'hackbench', 'mixed', 'forkstorm'] as const;

/** The workloads a policy is measured on: those it claims to suit, and two that it does not. */
export function workloadsOf(subject: Subject): { readonly name: string; readonly claimed: boolean }[] {
  const claimed = claimsOf(subject);
  const disowned = (subject.manifest?.doesNotSuit ?? []).flatMap(({ workload }) => workload ?? []);
  const others = [...new Set([...disowned, ...OTHERS])].filter((name) => !claimed.includes(name)).slice(0, 2);
  return [
    ...claimed.map((name) => ({ name, claimed: true })),
    ...others.map((name) => ({ name, claimed: false })),
  ];
}

const measure = (
  lab: Lab,
  { spec, files, defaults, windows }: PreparedTrial,
  rigour: 'search' | 'referee',
): Promise<TrialResult> => lab.trial({ ...spec, knobs: defaults, windows: windows[rigour] }, files, rigour);

/**
 * One policy under one workload against the kernel's own scheduler: a trial each, the same in all else.
 * @throws TunesmithError (rejected) when it does not compile or load, or was ejected meanwhile.
 */
export async function gatherEvidence(
  lab: Lab,
  subject: Subject,
  { workload, kernel: spec, rigour }: { workload: string; kernel: string; rigour: 'search' | 'referee' },
): Promise<Evidence> {
  const { objective, metrics } = workloadByName(workload);
  const kernel = await resolveKernel(spec);
  const { bytes, sha256 } = await compileSubject(subject, kernel);
  const request = { kernel: spec, workload, cpus: 2, seed: 1 };
  const plain = await prepareTrial(lab, request);
  const trial = await prepareTrial(lab, { ...request, policy: { object: bytes } });
  const [own, under] = await Promise.all([measure(lab, plain, rigour), measure(lab, trial, rigour)]);
  const ended = under.policyRuns?.find(({ held }) => !held);
  if (ended)
    throw new TunesmithError('rejected', `${subject.name} was ejected under ${workload}`, {
      hint: `${shellLine('tunesmith', 'policy', 'check', specOf(subject))} says more`,
    });
  const of = (result: TrialResult): number => {
    const figure = result.metrics[objective];
    if (figure === undefined) throw usageError('workload', workload, `yields no ${objective}`);
    return figure;
  };
  return {
    schema: 'tunesmith.evidence/1',
    policy: subject.name,
    version: subject.manifest?.version ?? '0.0.0',
    objectSha256: sha256,
    kernel: kernel.release,
    workload,
    rigour,
    objective,
    direction: metrics[objective]?.direction ?? 'lower',
    key: under.key,
    ownKey: own.key,
    value: of(under),
    ownValue: of(own),
    metrics: { ...under.metrics },
    ownMetrics: { ...own.metrics },
  };
}

/**
 * The objective under the kernel's own scheduler with one seed after the other, by the referee: how far seeds alone
 * move it.
 */
export async function ownValues(
  lab: Lab,
  { workload, kernel, seeds }: { workload: string; kernel: string; seeds: readonly number[] },
): Promise<number[]> {
  const { objective } = workloadByName(workload);
  const trials = await Promise.all(
    seeds.map(async (seed) =>
      measure(lab, await prepareTrial(lab, { kernel, workload, cpus: 2, seed }), 'referee'),
    ),
  );
  return trials.flatMap(({ metrics }) => metrics[objective] ?? []);
}
