import { TunesmithError } from '../errors.js';
import type { Lab } from '../lab/lab.js';
import { type PolicyInput, type PolicyRun, policySpec } from '../lab/policy.js';
import { type PreparedTrial, prepareTrial } from '../lab/prepare.js';
import type { TrialResult } from '../lab/trial.js';
import { errorEvents, FEW_EVENTS } from '../policies/error-events.js';
import { endOf } from '../policies/status.js';
import { PROBES } from './probes/index.js';
import { breaches, type Probe, probeRequest } from './probes/probe.js';
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
const UNREGISTERED_BY_KERNEL = 65;
/** enum scx_exit_code: the kernel ended it because a CPU came or went, and means it to be started again. */
const ACT_RESTART = 2 ** 48;

/** A policy without cpu_online and cpu_offline leaves restarting to user space: the kernel's own offer. */
const isRestart = ({ status: { exit } }: PolicyRun): boolean =>
  exit?.kind === UNREGISTERED_BY_KERNEL && exit.code >= ACT_RESTART;

function runFindings(probe: Probe, run: PolicyRun): readonly Finding[] {
  const { status, held } = run;
  if (!held && probe.parameters.hotplug === 1 && isRestart(run)) return [];
  if (!held) {
    const isStall = status.exit?.kind === STALL;
    return [
      finding(
        isStall ? 'trial/stall' : 'trial/ejected',
        `${probe.name}: the kernel ejected ${status.name}: ${endOf(status.exit)}`,
        isStall ? 'some task is never reached, or only after others have had enough' : probe.about,
      ),
    ];
  }
  return errorEvents(status.events)
    .filter(({ event, count }) => count > FEW_EVENTS && !probe.innocent?.includes(event))
    .map(({ event, count, meaning }) =>
      finding(
        'trial/error-events',
        `${probe.name}: ${event} rose to ${count}: ${meaning}`,
        'test what a task may do first',
      ),
    );
}

function judge(
  probe: Probe,
  result: TrialResult,
  own: TrialResult,
  { weighted }: TrialOptions,
): readonly Finding[] {
  const runs = (result.policyRuns ?? []).flatMap((run) => runFindings(probe, run)).slice(0, 1);
  if (runs.length > 0 || result.policyRuns?.some(({ held }) => !held)) return runs;
  return breaches(probe, result.metrics, own.metrics).map(({ rail, message }) => ({
    ...finding(rail.rule, message, rail.hint),
    ...(rail.onlyIf === 'weighted' && !weighted && { severity: 'warning' as const }),
  }));
}

const lost = (probe: Probe, error: TunesmithError): Finding =>
  finding('trial/guest-lost', `${probe.name}: ${error.message}`, error.hint ?? probe.about);

/** A probe made ready: the trial without a policy, and what it came to. */
interface Ground {
  readonly plain: PreparedTrial;
  readonly own: TrialResult;
}

/** Where probes run on one kernel: each is made ready once, for all policies. */
export class ProbeGround {
  private readonly ready = new Map<Probe, Promise<Ground>>();

  constructor(
    readonly lab: Lab,
    /** Lab kernel: a role, a version or the path of a vmlinuz. */
    readonly kernel: string,
  ) {}

  of(probe: Probe): Promise<Ground> {
    const known = this.ready.get(probe) ?? this.prepare(probe);
    this.ready.set(probe, known);
    return known;
  }

  private async prepare(probe: Probe): Promise<Ground> {
    const trial = await prepareTrial(this.lab, probeRequest(probe, this.kernel));
    const spec = { ...trial.spec, knobs: trial.defaults, windows: probe.windows ?? 1 };
    return {
      plain: { ...trial, spec },
      own: await this.lab.trial(spec, trial.files, 'search'),
    };
  }
}

/** One probe: the load under the policy, against the same load under the kernel's own scheduler. */
async function runProbe(
  ground: ProbeGround,
  policy: PolicyInput,
  probe: Probe,
  options: TrialOptions,
): Promise<ProbeOutcome> {
  const { plain, own } = await ground.of(probe);
  const started = Date.now();
  const end = (findings: readonly Finding[]): ProbeOutcome => ({
    probe: probe.name,
    findings,
    tookMs: Date.now() - started,
  });
  const spec = { ...plain.spec, policy: policySpec({ ...policy, timeoutMs: probe.timeoutMs }) };
  const files = { ...plain.files, policy: policy.object };
  try {
    return end(judge(probe, await ground.lab.trial(spec, files, 'search'), own, options));
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    if (error.code === 'guest') return end([lost(probe, error)]);
    if (error.code === 'rejected') return end([finding('trial/ejected', error.message, error.hint ?? '')]);
    throw error;
  }
}

/**
 * The trial stage: the policy in force under loads that break what only looks right, each judged against the kernel's
 * own scheduler. The first probe runs alone, so that a policy that starves tasks is known at once; the first that
 * rejects ends the stage. A guest that is lost is a finding.
 * @throws TunesmithError usage for a tunable out of range, incapable when this machine has no lab.
 */
export async function trialStage(
  ground: ProbeGround,
  policy: PolicyInput,
  options: TrialOptions,
): Promise<TrialVerdict> {
  const started = Date.now();
  const outcomes: ProbeOutcome[] = [];
  const [first, ...others] = options.probes ?? PROBES;
  const isOver = (): boolean => outcomes.some(rejects);
  const run = async (probe: Probe): Promise<void> => {
    if (!isOver()) outcomes.push(await runProbe(ground, policy, probe, options));
  };
  if (first) await run(first);
  const queue = [...others];
  const worker = async (): Promise<void> => {
    for (let probe = queue.shift(); probe !== undefined; probe = queue.shift()) await run(probe);
  };
  await Promise.all([worker(), worker()]);
  const findings = outcomes.flatMap((outcome) => outcome.findings);
  return { stage: 'trial', findings, tookMs: Date.now() - started, probes: outcomes };
}
