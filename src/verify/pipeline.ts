import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type LabKernel, resolveKernel } from '../lab/kernels/resolve.js';
import { Lab } from '../lab/lab.js';
import { asksForConfig, type PolicyInput } from '../lab/policy.js';
import type { Session } from '../lab/session.js';
import type { ManifestProblem } from '../policies/problems.js';
import { type AttachVerdict, attachStage } from './attach.js';
import { SOURCE_NAME } from './compile/clang.js';
import { namesOf } from './compile/names.js';
import { kernelTypes } from './compile/types.js';
import { compilePolicy } from './compile.js';
import { ProbeGround } from './course.js';
import { enterGuest, type PolicyGuests, policyGuests, STEP_LIMIT_MS } from './guest.js';
import { lintPolicy } from './lint.js';
import { loadStage } from './load.js';
import type { Probe } from './probes/probe.js';
import { trialStage } from './trial.js';
import { type Finding, rejects, STAGES, type Stage, type StageVerdict } from './verdict.js';
import type { PolicyVerdict, StageReport } from './verdict-schema.js';

export interface CheckRequest {
  /** What to call the policy in the verdict. */
  readonly name: string;
  /** The C source's text and what to call it in findings. */
  readonly source: string;
  readonly file: string;
  /** The last stage to run; default trial. */
  readonly until?: Stage;
  readonly tunables?: Readonly<Record<string, number>>;
  /** Where its manifest and the source differ: told by lint. */
  readonly problems?: readonly ManifestProblem[];
  /** Whether shares go by weight, as the manifest has it; without one the source tells. */
  readonly weighted?: boolean;
  /** Which probes the trial stage runs; default all. */
  readonly probes?: readonly Probe[];
  /** Hears of each stage as it begins. */
  readonly onStage?: (stage: Stage) => void;
}

/** What earlier stages of a check leave to later ones. */
interface Known {
  policy?: PolicyInput;
  /** Attaching loads: unless no more than a load is asked for, one guest serves both stages. */
  held?: AttachVerdict;
  /** The guest for them; gone from here once it is in use. */
  next?: Promise<Session>;
}

/**
 * A policy that keeps virtual time or reads weights says that shares go by weight. One that can also queue first come,
 * first served may leave that to a tunable: what it says is not known.
 */
const claimsWeights = (source: string): boolean =>
  /\bdsq_vtime\b|->weight\b|\bper_weight\b/.test(source) &&
  !/\bscx_bpf_(?:dsq_insert|dispatch)\(\s*\w+\s*,\s*(?!SCX_DSQ_LOCAL)/.test(source);

/** Whether the kernel’s count of wrong CPUs can only mean select_cpu (policies/error-events.ts). */
const choosesCpus = (source: string): boolean =>
  /\.select_cpu\s*=/.test(source) && !/\bSCX_DSQ_LOCAL_ON\b/.test(source);

/**
 * Checks policies for one kernel, stage by stage. Guests are made when the first policy gets that far, so that lint
 * and compile need no lab. To be closed.
 */
export class Pipeline {
  private readonly lab: Lab;
  /** Where policies are tried; apart for those that ask for their kernel's configuration, which other guests have not. */
  private readonly grounds = new Map<boolean, ProbeGround>();
  private readonly guests = new Map<boolean, Promise<PolicyGuests>>();
  private kfuncs: Promise<ReadonlySet<string> | undefined> | undefined;

  private constructor(
    readonly spec: string,
    readonly kernel: LabKernel,
    private readonly stepLimitMs: number,
  ) {
    this.lab = new Lab({ stepLimitMs });
  }

  /** @throws TunesmithError usage for a kernel that is not known, incapable when it cannot be had. */
  static async open(spec: string, stepLimitMs = STEP_LIMIT_MS): Promise<Pipeline> {
    return new Pipeline(spec, await resolveKernel(spec), stepLimitMs);
  }

  /**
   * One policy's verdict: each stage runs only if the one before did not reject. What a policy does to its guest is
   * in the verdict, never an exception.
   * @throws TunesmithError incapable when this machine lacks a tool or a lab, usage for a tunable out of range.
   */
  async check(request: CheckRequest): Promise<PolicyVerdict> {
    const reports: StageReport[] = [];
    const last = STAGES.indexOf(request.until ?? 'trial');
    const known: Known = {};
    try {
      for (const stage of STAGES.slice(0, last + 1)) {
        if (stage === 'compile' && last > STAGES.indexOf(stage)) this.restore(known);
        request.onStage?.(stage);
        const report = await this.run(stage, request, known);
        reports.push(report);
        if (rejects(report)) break;
      }
    } finally {
      const unused = await known.next?.catch(() => undefined);
      if (unused) await this.lab.leave(unused);
    }
    const rejecting = reports.find(rejects);
    return {
      schema: 'tunesmith.verdict/1',
      policy: request.name,
      sourceSha256: createHash('sha256').update(request.source).digest('hex'),
      kernel: this.kernel.release,
      accepted: rejecting === undefined,
      stage: rejecting?.stage ?? null,
      until: request.until ?? 'trial',
      findings: reports.flatMap(({ findings }) => findings),
      stages: reports,
    };
  }

  private async run(stage: Stage, request: CheckRequest, known: Known): Promise<StageReport> {
    const { source, file, tunables = {} } = request;
    if (stage === 'lint') {
      this.kfuncs ??= kfuncsOf(this.kernel);
      const kfuncs = await this.kfuncs;
      const verdict = await lintPolicy(source, { file, ...(kfuncs && { kfuncs }) });
      return reportOf({
        ...verdict,
        findings: [...verdict.findings, ...(request.problems ?? []).map(untold)],
      });
    }
    if (stage === 'compile') {
      const { verdict, object } = await compilePolicy({ source, file, kernel: this.kernel });
      if (object) known.policy = { object: readFileSync(object.path), tunables };
      return reportOf(verdict);
    }
    const { policy } = known;
    if (policy === undefined) throw new Error('no stage after compile without its object');
    if (stage === 'trial') return this.trial(request, policy);
    if (stage === 'attach' && known.held) return reportOf(known.held);
    const config = asksForConfig(policy.object);
    const plain = await this.guestsOf(config);
    const next = config ? undefined : known.next;
    if (next) delete known.next;
    const guests = { ...plain, ...(next && { next }) };
    if (request.until !== 'load')
      known.held = await attachStage(policy, guests, { chooses: choosesCpus(source) });
    const { load, ...verdict } = known.held?.load ?? (await loadStage(policy, known.held ? plain : guests));
    const findings = verdict.findings.map((one) => inFile(one, file, source));
    return { ...reportOf({ ...verdict, findings }), ...(load && { programs: load.programs, log: load.log }) };
  }

  private guestsOf(config: boolean): Promise<PolicyGuests> {
    const known = this.guests.get(config) ?? policyGuests(this.lab, this.spec, this.stepLimitMs, config);
    this.guests.set(config, known);
    known.catch(() => this.guests.delete(config)); // what failed once may work the next time
    return known;
  }

  private groundOf(config: boolean): ProbeGround {
    const known = this.grounds.get(config) ?? new ProbeGround(this.lab, this.spec, config);
    this.grounds.set(config, known);
    return known;
  }

  /** Restored while the policy is compiled; the first check of all makes the guests first. */
  private restore(known: Known): void {
    const guests = this.guests.get(false);
    if (guests === undefined) return;
    known.next = guests.then(enterGuest);
    known.next.catch(() => {}); // whoever waits for it hears of it
  }

  private async trial(request: CheckRequest, policy: PolicyInput): Promise<StageReport> {
    const { probes, source, weighted = claimsWeights(source) } = request;
    const options = { weighted, chooses: choosesCpus(source), ...(probes && { probes }) };
    const verdict = await trialStage(this.groundOf(asksForConfig(policy.object)), policy, options);
    return { ...reportOf(verdict), probes: verdict.probes.map(({ probe, tookMs }) => ({ probe, tookMs })) };
  }

  /** Ends its guests. */
  close(): Promise<void> {
    return this.lab.close();
  }
}

/** What the kernel offers to policies; lint does without where its types cannot be had, and compile says why. */
export async function kfuncsOf(kernel: LabKernel): Promise<ReadonlySet<string> | undefined> {
  try {
    const { kfuncs } = namesOf(await kernelTypes(kernel), kernel.release);
    return kfuncs.length > 0 ? new Set(kfuncs) : undefined;
  } catch {
    return undefined;
  }
}

export const untold = ({ message, isUnfinished, hint }: ManifestProblem): Finding => ({
  stage: 'lint',
  rule: 'lint/manifest',
  severity: isUnfinished ? 'warning' : 'error',
  message,
  hint: hint ?? '`tunesmith schema manifest` says what belongs there; docs/policies.md has the checklist',
});

/** The verifier knows the source by the name it was compiled under, and seldom what stands there. */
function inFile({ place, ...one }: Finding, file: string, source: string): Finding {
  if (place === undefined || place.file !== SOURCE_NAME) return { ...one, ...(place && { place }) };
  const text = source.split('\n')[place.line - 1]?.trim() ?? '';
  const line = text === '' || one.message.includes('; line: ') ? '' : `; line: ${text.slice(0, 200)}`;
  return { ...one, message: one.message + line, place: { ...place, file } };
}

export const reportOf = ({ stage, findings, tookMs }: StageVerdict): StageReport => ({
  stage,
  findings: [...findings],
  tookMs,
});
