import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { TunesmithError } from '../errors.js';
import type { LabKernel } from '../lab/kernels/resolve.js';
import { Turnstile } from '../lab/turnstile.js';
import { leanObject } from '../verify/compile/lean.js';
import { compilePolicy } from '../verify/compile.js';
import { lintPolicy } from '../verify/lint.js';
import { type Finding, rejects } from '../verify/verdict.js';

/** A source's object, or why it has none. */
export type Shelved =
  | {
      readonly object: Buffer;
      /** The same for this kernel alone and no debugger: for searches, where loading is half of the work. */
      readonly lean: Buffer;
    }
  | { readonly dropped: string };

const words = (findings: readonly Finding[]): string =>
  findings
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, message }) => `${rule}: ${message}`)
    .join('; ');

async function make(source: string, kernel: LabKernel): Promise<Shelved> {
  const lint = await lintPolicy(source, { file: 'policy.bpf.c' });
  if (rejects(lint)) return { dropped: words(lint.findings) };
  const { object, verdict } = await compilePolicy({ source, kernel });
  if (!object) return { dropped: words(verdict.findings) || 'compile: no object' };
  const bytes = readFileSync(object.path);
  // Only now: what it includes has been looked at.
  return { object: bytes, lean: (await leanObject(source, kernel)) ?? bytes };
}

/** Objects by source and kernel: candidates that differ in tunables alone are linted and compiled once. */
export class ObjectShelf {
  private readonly made = new Map<string, Promise<Shelved>>();
  /** More compilers than CPUs would only be in each other's way. */
  private readonly turnstile = new Turnstile(availableParallelism());

  /** @param signal when it aborts nothing is begun any more */
  constructor(private readonly signal?: AbortSignal) {}

  object(source: string, kernel: LabKernel): Promise<Shelved> {
    const key = `${kernel.sha256} ${createHash('sha256').update(source).digest('hex')}`;
    const known = this.made.get(key) ?? this.turnstile.run(() => this.make(source, kernel));
    this.made.set(key, known);
    // What this machine did not get compiled is tried again by whoever asks again.
    known.catch(() => this.made.delete(key));
    return known;
  }

  private async make(source: string, kernel: LabKernel): Promise<Shelved> {
    if (this.signal?.aborted) throw new TunesmithError('interrupted', 'the lab was closed meanwhile');
    return await make(source, kernel);
  }
}
