import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type LabKernel, resolveKernel } from '../lab/kernels/resolve.js';
import { Lab } from '../lab/lab.js';
import type { PolicyInput } from '../lab/policy.js';
import { attachStage } from './attach.js';
import { compilePolicy } from './compile.js';
import { type PolicyGuests, policyGuests } from './guest.js';
import { lintPolicy } from './lint.js';
import { loadStage } from './load.js';
import type { Probe } from './probes/probe.js';
import { ProbeGround, trialStage } from './trial.js';
import { rejects, STAGES, type Stage, type StageVerdict } from './verdict.js';
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
  /** Whether shares go by weight, as the manifest has it; without one the source tells. */
  readonly weighted?: boolean;
  /** Which probes the trial stage runs; default all. */
  readonly probes?: readonly Probe[];
}

/** A step of a lab guest under a policy takes seconds; one that takes this long hangs. */
const STEP_LIMIT_MS = 60_000;

/** A policy that keeps virtual time or reads weights says that shares go by weight. */
const claimsWeights = (source: string): boolean => /\bdsq_vtime\b|->weight\b|\bper_weight\b/.test(source);

/**
 * Checks policies for one kernel, stage by stage. Guests are made when the first policy gets that far, so that lint
 * and compile need no lab. To be closed.
 */
export class Pipeline {
  private readonly lab: Lab;
  private readonly ground: ProbeGround;
  private guests: Promise<PolicyGuests> | undefined;

  private constructor(
    readonly spec: string,
    readonly kernel: LabKernel,
    stepLimitMs: number,
  ) {
    this.lab = new Lab({ stepLimitMs });
    this.ground = new ProbeGround(this.lab, spec);
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
    let policy: PolicyInput | undefined;
    for (const stage of STAGES.slice(0, last + 1)) {
      const { report, object } = await this.run(stage, request, policy);
      if (object) policy = object;
      reports.push(report);
      if (rejects(report)) break;
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

  private async run(
    stage: Stage,
    request: CheckRequest,
    policy: PolicyInput | undefined,
  ): Promise<{ report: StageReport; object?: PolicyInput }> {
    const { source, file, tunables = {} } = request;
    if (stage === 'lint') return { report: reportOf(await lintPolicy(source, { file })) };
    if (stage === 'compile') {
      const { verdict, object } = await compilePolicy({ source, file, kernel: this.kernel });
      const compiled = object && { object: { object: readFileSync(object.path), tunables } };
      return { report: reportOf(verdict), ...compiled };
    }
    if (policy === undefined) throw new Error('no stage after compile without its object');
    if (stage === 'trial') {
      const { probes } = request;
      const weighted = request.weighted ?? claimsWeights(source);
      const options = { weighted, ...(probes && { probes }) };
      const verdict = await trialStage(this.ground, policy, options);
      return {
        report: {
          ...reportOf(verdict),
          probes: verdict.probes.map(({ probe, tookMs }) => ({ probe, tookMs })),
        },
      };
    }
    this.guests ??= policyGuests(this.lab, this.spec);
    const guests = await this.guests;
    if (stage === 'attach') return { report: reportOf(await attachStage(policy, guests)) };
    const { load, ...verdict } = await loadStage(policy, guests);
    return { report: { ...reportOf(verdict), ...(load && { programs: load.programs, log: load.log }) } };
  }

  /** Ends its guests. */
  close(): Promise<void> {
    return this.lab.close();
  }
}

const reportOf = ({ stage, findings, tookMs }: StageVerdict): StageReport => ({
  stage,
  findings: [...findings],
  tookMs,
});
