import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { messageOf, TunesmithError } from '../errors.js';
import { assertCapable } from '../host/policy/policy.js';
import { assertOwnDir, assertOwnFile } from '../state/own.js';
import { stateDir } from '../state.js';
import { runningKernel } from './compile/types.js';
import { compilePolicy } from './compile.js';
import { lintPolicy } from './lint.js';
import type { Subject } from './subject.js';
import { type Finding, rejects } from './verdict.js';

/** Where an operator puts an object that was compiled elsewhere for this kernel: machines need no compiler then. */
export const readyObject = (name: string): string => join(stateDir(), 'policies', release(), `${name}.bpf.o`);

/**
 * A policy as an object for the kernel that runs: for one of the repository the one an operator put there; else compiled
 * now, or taken from the cache. That this machine can have a policy in force is asked first.
 * @throws TunesmithError incapable without sched_ext, privilege or a compiler, rejected when it does not lint or
 * compile
 */
export async function hostObject({ name, source, file, dir }: Subject): Promise<Buffer> {
  assertCapable();
  const ready = readyObject(name);
  if (dir !== undefined && existsSync(ready)) {
    assertOwnDir(join(ready, '..'));
    assertOwnFile(ready);
    return readFileSync(ready);
  }
  const lint = await lintPolicy(source, { file });
  refuse(name, lint.findings);
  const { object, verdict } = await compilePolicy({ source, kernel: runningKernel(), file }).catch(
    (error) => {
      throw notHere(name, error);
    },
  );
  refuse(name, verdict.findings);
  if (object) return readFileSync(object.path);
  throw new TunesmithError('rejected', `${name} does not compile`);
}

/** Why a policy is not compiled here; the way out that the compiler's side names (a tool, --trust-source) comes first. */
export function notHere(name: string, error: unknown): TunesmithError {
  if (error instanceof TunesmithError && error.code === 'machine') return error;
  const own = error instanceof TunesmithError && error.hint !== undefined ? `${error.hint}; or ` : '';
  return new TunesmithError('incapable', `${name} cannot be compiled here: ${messageOf(error)}`, {
    hint: `${own}compile it on a machine that can, with tunesmith policy compile, and put it at ${readyObject(name)}`,
    cause: error,
  });
}

function refuse(name: string, findings: readonly Finding[]): void {
  if (!rejects({ findings })) return;
  const [first] = findings.filter(({ severity }) => severity === 'error');
  throw new TunesmithError('rejected', `${name}: ${first?.rule}: ${first?.message}`, {
    hint: first?.hint ?? 'a check of the policy says more (os_policy_check, tunesmith policy check)',
  });
}
