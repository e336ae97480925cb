import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { messageOf, TunesmithError, usageError } from '../../errors.js';
import { assertCapable } from '../../host/policy/policy.js';
import { Lab } from '../../lab/lab.js';
import { nearHint } from '../../near.js';
import { findPolicy, type Policy, policyNames } from '../../policies/catalogue.js';
import { stateDir } from '../../state.js';
import { runningKernel } from '../../verify/compile/types.js';
import { compilePolicy } from '../../verify/compile.js';
import { gatherEvidence } from '../../verify/evidence.js';
import type { Evidence } from '../../verify/evidence-schema.js';
import { lintPolicy } from '../../verify/lint.js';
import { Pipeline } from '../../verify/pipeline.js';
import type { Subject } from '../../verify/subject.js';
import { type Finding, rejects, type Stage } from '../../verify/verdict.js';
import type { PolicyVerdict } from '../../verify/verdict-schema.js';
import { cachedRelease } from './kernels.js';

/** Checks and trials at once over all callers: each may have guests of its own. */
const LIMIT = 2;

/** A policy of the repository by its name: a caller names no path. @throws TunesmithError (usage) */
export function namedPolicy(name: string): Policy {
  const names = policyNames();
  if (names.includes(name)) return findPolicy(name);
  throw usageError('policy', name, 'is not in the repository', nearHint(name, names));
}

/** @throws TunesmithError (usage) for a tunable that the policy has not, or out of its range */
export function checkTunables({ manifest }: Policy, given: Readonly<Record<string, number>>): void {
  const known = manifest.tunables.map(({ name }) => name);
  for (const [name, value] of Object.entries(given)) {
    const tunable = manifest.tunables.find((candidate) => candidate.name === name);
    if (!tunable)
      throw usageError(`tunables.${name}`, value, `is no tunable of ${manifest.name}`, nearHint(name, known));
    const { min, max } = tunable;
    if (!Number.isSafeInteger(value) || value < min || value > max)
      throw usageError(`tunables.${name}`, value, `must be a whole number from ${min} to ${max}`);
  }
}

/** Where an operator puts an object that was compiled elsewhere for this kernel: machines need no compiler then. */
export const readyObject = (name: string): string => join(stateDir(), 'policies', release(), `${name}.bpf.o`);

export interface CheckRequest {
  /** `scx` or a release in the cache. */
  readonly kernel: string;
  readonly until: Stage;
  readonly tunables: Readonly<Record<string, number>>;
  readonly onStage: (stage: Stage) => void;
}

/** The verify pipeline behind the policy tools. */
export class PolicyDesk {
  private busy = 0;

  /**
   * A policy of the repository as an object for the kernel that runs: the one an operator put there, or compiled now.
   * @throws TunesmithError incapable without sched_ext, privilege or a compiler, rejected when it does not lint or
   * compile
   */
  async object(policy: Policy): Promise<Buffer> {
    assertCapable();
    const { name } = policy.manifest;
    const ready = readyObject(name);
    if (existsSync(ready)) return readFileSync(ready);
    const source = readFileSync(policy.source, 'utf8');
    const lint = await lintPolicy(source, { file: policy.source });
    refuse(name, lint.findings);
    const kernel = runningKernel();
    const { object, verdict } = await compilePolicy({ source, kernel, file: policy.source }).catch(
      (error) => {
        throw new TunesmithError('incapable', `${name} cannot be compiled here: ${messageOf(error)}`, {
          hint: `compile it on a machine that can, with tunesmith policy compile, and put it at ${ready}`,
          cause: error,
        });
      },
    );
    refuse(name, verdict.findings);
    if (object) return readFileSync(object.path);
    throw new TunesmithError('rejected', `${name} does not compile`);
  }

  /** One verdict. @throws TunesmithError rejected when the desk is busy, incapable, usage */
  check(subject: Subject, { kernel, ...request }: CheckRequest): Promise<PolicyVerdict> {
    return this.working(async () => {
      const pipeline = await Pipeline.open(cachedRelease(kernel));
      try {
        return await pipeline.check({ ...subject, ...request });
      } finally {
        await pipeline.close();
      }
    });
  }

  /** Under the policy and under the kernel's own scheduler, all else equal. @throws as `check` */
  trial(
    subject: Subject,
    request: { workload: string; kernel: string; rigour: 'search' | 'referee' },
  ): Promise<Evidence> {
    return this.working(async () => {
      const lab = new Lab({ machines: 1 });
      try {
        return await gatherEvidence(lab, subject, { ...request, kernel: cachedRelease(request.kernel) });
      } finally {
        await lab.close();
      }
    });
  }

  private async working<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy >= LIMIT)
      throw new TunesmithError('rejected', `${this.busy} policies are being checked already`, {
        hint: 'wait for one of them',
      });
    this.busy++;
    try {
      return await work();
    } finally {
      this.busy--;
    }
  }
}

function refuse(name: string, findings: readonly Finding[]): void {
  if (!rejects({ findings })) return;
  const [first] = findings.filter(({ severity }) => severity === 'error');
  throw new TunesmithError('rejected', `${name}: ${first?.rule}: ${first?.message}`, {
    hint: first?.hint ?? `os_policy_check says more`,
  });
}
