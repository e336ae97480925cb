import { availableParallelism } from 'node:os';
import { TunesmithError } from '../errors.js';
import { GuestHung } from '../lab/machine.js';
import { type PolicyInput, type PolicyStatus, policyReply, policyRun } from '../lab/policy.js';
import { measureReply } from '../lab/trial.js';
import { errorEvents, FEW_EVENTS, WRONG_CHOICE } from '../policies/error-events.js';
import { asksForRestart, endOf } from '../policies/status.js';
import type { Metrics } from '../workloads/types.js';
import {
  againSteps,
  type Course,
  type CourseGround,
  coursesOf,
  figuresOf,
  type ProbeGround,
  stepsOf,
  windowsOf,
} from './course.js';
import { PROBES } from './probes/index.js';
import { breaches, type Probe } from './probes/probe.js';
import { type Finding, rejects, type StageVerdict } from './verdict.js';

/** What one probe came to. */
export interface ProbeOutcome {
  readonly probe: string;
  readonly findings: readonly Finding[];
  readonly tookMs: number;
}

export interface TrialVerdict extends StageVerdict {
  readonly probes: readonly ProbeOutcome[];
}

export interface TrialOptions {
  /** Whether the policy says that shares go by weight; without that, shares that do not are only told. */
  readonly weighted: boolean;
  /** Whether a wrong CPU can only have come from select_cpu (policies/error-events.ts). */
  readonly chooses?: boolean;
  readonly probes?: readonly Probe[];
}

const finding = (rule: string, message: string, hint: string): Finding => ({
  stage: 'trial',
  rule,
  severity: 'error',
  message,
  hint,
});

const STALL = 1026;

function ejection(probe: Probe, status: PolicyStatus): readonly Finding[] {
  const isStall = status.exit?.kind === STALL;
  return [
    finding(
      isStall ? 'trial/stall' : 'trial/ejected',
      `${probe.name}: the kernel ejected ${status.name}: ${endOf(status.exit)}`,
      isStall ? 'some task is never reached, or only after others have had enough' : probe.about,
    ),
  ];
}

/** Error events that rose between two looks at the kernel's counters. */
const rising = (
  probe: Probe,
  now: PolicyStatus,
  { before, chooses = false }: { before: PolicyStatus['events']; chooses: boolean | undefined },
): readonly Finding[] =>
  errorEvents(now.events, before, chooses ? WRONG_CHOICE : {})
    .filter(({ event, count }) => count > FEW_EVENTS && !probe.innocent?.includes(event))
    .map(({ event, count, meaning }) =>
      finding(
        'trial/error-events',
        `${probe.name}: ${event} rose to ${count}: ${meaning}`,
        'test what a task may do first',
      ),
    );

const broken = (probe: Probe, figures: Metrics, own: Metrics, { weighted }: TrialOptions): Finding[] =>
  breaches(probe, figures, own).map(({ rail, message }) => ({
    ...finding(rail.rule, message, rail.hint),
    ...(rail.onlyIf === 'weighted' && !weighted && { severity: 'warning' as const }),
  }));

/** What a course's guest could not be had for: lost with the guest, or refused when it came to attaching. */
function failed(probe: Probe, error: unknown): Finding {
  if (!(error instanceof TunesmithError)) throw error;
  const hint = error.hint ?? probe.about;
  if (error.code === 'guest') return finding('trial/guest-lost', `${probe.name}: ${error.message}`, hint);
  if (error.code === 'rejected') return finding('trial/ejected', `${probe.name}: ${error.message}`, hint);
  throw error;
}

/** A hang that the kernel’s own code may come to under this load. */
const kernelHang = ({ name }: Probe, seed: number, { message }: Error): Finding => ({
  stage: 'trial',
  rule: 'trial/kernel-hang',
  severity: 'warning',
  message: `${name}: with seed ${seed} ${message}`,
  hint: 'the kernel may hang here under any policy with queues of its own (docs/policies.md); take the policy away first',
});

/**
 * Does as user space does with a policy that asked to be started again: loads it in the very guest once more, where it has to
 * hold while no CPU comes or goes.
 */
async function comesBack(
  { lab }: ProbeGround,
  { spec, files }: CourseGround,
  policy: PolicyInput,
  { course, probe, seed }: { course: Course; probe: Probe; seed: number },
): Promise<readonly Finding[]> {
  const before = stepsOf(course, spec, policy, seed);
  const replies = lab.course(
    spec,
    files,
    [...before, ...againSteps(probe, spec, policy)],
    probe.mayHang?.limitMs,
  );
  try {
    for (const _ of before) await replies.next();
    const entered = policyRun(policyReply.parse((await replies.next()).value)).status;
    if (!entered.enabled) return [notRestarted(probe, entered)];
    const { status } = measureReply.parse((await replies.next()).value).policy ?? {};
    return status?.enabled ? [] : [notRestarted(probe, status ?? entered)];
  } finally {
    await replies.return();
  }
}

const notRestarted = (probe: Probe, { name, exit }: PolicyStatus): Finding =>
  finding(
    'trial/ejected',
    `${probe.name}: ${name} asked to be started again, and does not hold when it is: ${endOf(exit)}`,
    'what ops.init makes has to be gone by the end of ops.exit; nothing may rest on the CPUs there were before',
  );

/** Under the policy, one probe after the other, until one rejects it or `isOver`; `tell` hears of each that ended. */
async function runCourse(
  ground: ProbeGround,
  policy: PolicyInput,
  { course, options, seed = 1 }: { course: Course; options: TrialOptions; seed?: number },
  { isOver, tell }: { isOver(): boolean; tell(outcome: ProbeOutcome): void },
): Promise<void> {
  const ready = await ground.of(course);
  const { spec, files, own } = ready;
  let [current] = course.probes as [Probe, ...Probe[]];
  const { mayHang } = current;
  const replies = ground.lab.course(spec, files, stepsOf(course, spec, policy, seed), mayHang?.limitMs);
  let started = Date.now();
  const end = (findings: readonly Finding[]): void => {
    tell({ probe: current.name, findings, tookMs: Date.now() - started });
    started = Date.now();
  };
  try {
    const entered = policyRun(policyReply.parse((await replies.next()).value)).status;
    if (!entered.enabled) return end(ejection(current, entered));
    let { events } = entered;
    let counted = (await replies.next()).value;
    for (const probe of course.probes) {
      if (isOver()) return;
      current = probe;
      const windows: unknown[] = [];
      for (let i = 0; i < windowsOf(probe); i++) windows.push((await replies.next()).value);
      const runs = windows.map((window) => measureReply.parse(window).policy ?? {});
      const seen = runs.map((run) => (probe.reloads ? policyRun(run).status : (run.status as PolicyStatus)));
      const ended = seen.find(({ enabled }) => !enabled);
      if (ended && probe.parameters.hotplug === 1 && asksForRestart(ended))
        return end(await comesBack(ground, ready, policy, { course, probe, seed }));
      if (ended) return end(ejection(probe, ended));
      const before = counted;
      counted = (await replies.next()).value;
      const figures = figuresOf(windows, [before, counted]);
      const since = { before: probe.reloads ? {} : events, chooses: options.chooses };
      const rose = seen.flatMap((status) => rising(probe, status, since)).slice(0, 1);
      end(rose.length > 0 ? rose : broken(probe, figures, own.get(probe) ?? {}, options));
      ({ events } = seen.at(-1) ?? entered);
    }
  } catch (error) {
    const isKernels = mayHang !== undefined && error instanceof GuestHung;
    end([isKernels ? kernelHang(current, seed, error) : failed(current, error)]);
    if (isKernels && seed < mayHang.seeds)
      return runCourse(ground, policy, { course, options, seed: seed + 1 }, { isOver, tell });
  } finally {
    await replies.return();
  }
}

/**
 * The trial stage: the policy in force under loads that break what only looks right, each judged against the kernel's
 * own scheduler. Courses run beside each other; the first in order that rejects says why, so that a verdict does not
 * depend on which guest was faster. A guest that is lost is a finding.
 * @throws TunesmithError usage for a tunable out of range, incapable when this machine has no lab.
 */
export async function trialStage(
  ground: ProbeGround,
  policy: PolicyInput,
  options: TrialOptions,
): Promise<TrialVerdict> {
  const started = Date.now();
  const courses = coursesOf(options.probes ?? PROBES).map((course) => ({
    course,
    outcomes: [] as ProbeOutcome[],
  }));
  let [next, last] = [0, courses.length - 1];
  const worker = async (): Promise<void> => {
    while (next <= last) {
      const at = next++;
      const { course, outcomes } = courses[at] as (typeof courses)[number];
      const isOver = (): boolean => at > last || outcomes.some(rejects);
      const tell = (outcome: ProbeOutcome): void => {
        outcomes.push(outcome);
        if (rejects(outcome)) last = Math.min(last, at);
      };
      await runCourse(ground, policy, { course, options }, { isOver, tell });
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), courses.length) }, worker));
  const probes = courses.slice(0, last + 1).flatMap(({ outcomes }) => outcomes);
  const findings = probes.flatMap((outcome) => outcome.findings);
  return { stage: 'trial', findings, tookMs: Date.now() - started, probes };
}
