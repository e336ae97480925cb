import { readFileSync } from 'node:fs';
import { TunesmithError, usageError } from '../../errors.js';
import { Lab } from '../../lab/lab.js';
import { nearHint } from '../../near.js';
import { findPolicy, type Policy, policyNames } from '../../policies/catalogue.js';
import { gatherEvidence } from '../../verify/evidence.js';
import type { Evidence } from '../../verify/evidence-schema.js';
import { hostObject } from '../../verify/host-object.js';
import { Pipeline } from '../../verify/pipeline.js';
import type { Subject } from '../../verify/subject.js';
import type { Stage } from '../../verify/verdict.js';
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
  object({ manifest: { name }, source, dir }: Policy): Promise<Buffer> {
    return hostObject({ name, source: readFileSync(source, 'utf8'), file: source, dir });
  }

  /** One verdict. @throws TunesmithError rejected when the desk is busy, incapable, usage */
  check(subject: Subject, { kernel, ...request }: CheckRequest): Promise<PolicyVerdict> {
    return this.working(async () => {
      const pipeline = await Pipeline.open(await cachedRelease(kernel));
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
        return await gatherEvidence(lab, subject, {
          ...request,
          kernel: await cachedRelease(request.kernel),
        });
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
