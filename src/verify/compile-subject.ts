import { readFileSync } from 'node:fs';
import { TunesmithError } from '../errors.js';
import { shellLine } from '../shell.js';
import { type CompiledPolicy, compilePolicy, type TargetKernel } from './compile.js';
import type { Subject } from './subject.js';

/** What a policy is compiled to, and the bytes of it. */
export interface SubjectObject extends CompiledPolicy {
  readonly bytes: Buffer;
}

/**
 * A named policy's object for a kernel.
 * @throws TunesmithError rejected with the first finding when it does not compile; incapable like compilePolicy.
 */
export async function compileSubject(
  { name, source, file, dir }: Subject,
  kernel: TargetKernel,
): Promise<SubjectObject> {
  const { object, verdict } = await compilePolicy({ source, file, kernel });
  if (object) return { ...object, bytes: readFileSync(object.path) };
  throw new TunesmithError('rejected', `${name} does not compile: ${verdict.findings[0]?.message}`, {
    hint: `${shellLine('tunesmith', 'policy', 'check', dir ?? file, '--until', 'compile')} says more`,
  });
}
