import type { Lab } from '../lab/lab.js';
import { type PolicyInput, policySpec } from '../lab/policy.js';
import { prepareTrial } from '../lab/prepare.js';
import { attachRequest, stepRequest } from '../lab/step.js';
import { measureReply, type TrialSpec, toMeasurement } from '../lab/trial.js';
import { combined } from '../lab/windows.js';
import { resolveParameters } from '../workloads/index.js';
import { stressors } from '../workloads/stressors.js';
import type { Metrics } from '../workloads/types.js';
import { COUNT_INTERRUPTS, COUNTING_MAILBOX_MIB, interruptCount, ipisPerS } from './interrupts.js';
import type { Probe } from './probes/probe.js';

/** Probes that share a guest: one after the other, the policy in force throughout, as on a machine in use. */
export interface Course {
  readonly cpus: number;
  readonly probes: readonly Probe[];
}

/** A course made ready: its guest, and what each probe came to under the kernel's own scheduler. */
export interface CourseGround {
  readonly spec: TrialSpec;
  readonly files: Awaited<ReturnType<typeof prepareTrial>>['files'];
  readonly own: ReadonlyMap<Probe, Metrics>;
}

/** The longest a task may wait before the kernel ejects the policy, ms of guest time: above every rail for waits. */
const TIMEOUT_MS = 1000;

/** Probes by their number of CPUs, in the order given; those that want a guest of their own after all others. */
export function coursesOf(probes: readonly Probe[]): Course[] {
  const together = probes.filter(({ alone }) => !alone);
  const sizes = [...new Set(together.map(({ cpus }) => cpus))];
  return [
    ...sizes.map((cpus) => ({ cpus, probes: together.filter((probe) => probe.cpus === cpus) })),
    ...probes.flatMap((probe) => (probe.alone ? { cpus: probe.cpus, probes: [probe] } : [])),
  ];
}

/** How many windows a probe is. */
export const windowsOf = ({ reloads = 1 }: Probe): number => reloads;

/**
 * What the guest is asked for: under a policy, first of all to attach it; then its interrupts, and probe by probe the
 * windows, whose seeds go up from `seed`, and the interrupts again.
 */
export function stepsOf({ probes }: Course, base: TrialSpec, policy?: PolicyInput, seed = 1): object[] {
  const given = policy && { ...policy, timeoutMs: TIMEOUT_MS };
  const steps = probes.flatMap((probe): object[] => {
    const parameters = resolveParameters(stressors, probe.parameters);
    const brought = given && probe.reloads ? { policy: policySpec(given) } : {};
    const windows = Array.from({ length: windowsOf(probe) }, (_, i) =>
      stepRequest(
        { ...base, parameters, windowNs: probe.windowNs, seed: seed + i, ...brought },
        policy?.object,
      ),
    );
    return [...windows, COUNT_INTERRUPTS];
  });
  const attach = given && attachRequest(policySpec(given), given.object);
  return [...(attach ? [attach] : []), COUNT_INTERRUPTS, ...steps];
}

/** What a guest is asked for further whose policy asked to be started again: that, and the probe while no CPU goes. */
export function againSteps(probe: Probe, base: TrialSpec, policy: PolicyInput): object[] {
  const parameters = resolveParameters(stressors, { ...probe.parameters, hotplug: 0 });
  return [
    attachRequest(policySpec({ ...policy, timeoutMs: TIMEOUT_MS }), policy.object),
    stepRequest({ ...base, parameters, windowNs: probe.windowNs, seed: 1 }),
  ];
}

/** Several windows' figures as one probe's, with the rate of IPIs between a count before and one after them. */
export function figuresOf(windows: readonly unknown[], counts: readonly [unknown, unknown]): Metrics {
  const { metrics } = combined(windows.map((window) => toMeasurement(measureReply.parse(window))));
  const [from, to] = counts;
  return { ...metrics, ipis_per_s: ipisPerS(interruptCount(from), interruptCount(to)) };
}

/** Where courses are run on one kernel: each is made ready once, for all policies. */
export class ProbeGround {
  private readonly ready = new Map<string, Promise<CourseGround>>();

  constructor(
    readonly lab: Lab,
    /** Lab kernel: a role, a version or the path of a vmlinuz. */
    readonly kernel: string,
    /** Whether guests have their kernel's configuration. */
    private readonly config = false,
  ) {}

  of(course: Course): Promise<CourseGround> {
    const name = course.probes.map((probe) => probe.name).join();
    const known = this.ready.get(name) ?? this.prepare(course);
    this.ready.set(name, known);
    return known;
  }

  private async prepare(course: Course): Promise<CourseGround> {
    const { config, kernel, lab } = this;
    const { cpus, probes } = course;
    const alone = probes.find((probe) => probe.alone)?.parameters;
    const request = { kernel, workload: stressors.name, cpus, seed: 1, config };
    const trial = await prepareTrial(lab, { ...request, ...(alone && { parameters: alone }) });
    const shape = { ...trial.spec.shape, mailboxMib: COUNTING_MAILBOX_MIB };
    const spec = { ...trial.spec, shape, knobs: trial.defaults };
    const replies: unknown[] = [];
    for await (const reply of lab.course(spec, trial.files, stepsOf(course, spec))) replies.push(reply);
    const own = new Map<Probe, Metrics>();
    let counted = replies.shift();
    for (const probe of probes) {
      const [windows, before] = [replies.splice(0, windowsOf(probe)), counted];
      counted = replies.shift();
      own.set(probe, figuresOf(windows, [before, counted]));
    }
    return { spec, files: trial.files, own };
  }
}
