import { readFileSync } from 'node:fs';
import { messageOf, usageError } from '../errors.js';
import { resolveKernel } from '../lab/kernels/resolve.js';
import type { PolicyInput } from '../lab/policy.js';
import { parsePositiveDuration } from '../units.js';
import { compileSubject } from '../verify/compile-subject.js';
import { findSubject } from '../verify/subject.js';
import { pairs } from './options.js';

interface PolicyFlags {
  readonly kernel: string;
  readonly policy?: string;
  readonly tunable: readonly string[];
  readonly policyTimeout?: string;
}

/** Durations are given in ns to a policy, switches as 0 and 1. */
function tunableValue(name: string, text: string): number {
  if (text === 'true' || text === 'false') return Number(text === 'true');
  if (/^-?\d+$/.test(text)) return Number(text);
  return parsePositiveDuration(text, `--tunable ${name}`);
}

export const tunablesFrom = (texts: readonly string[]): Record<string, number> =>
  Object.fromEntries(pairs(texts, '--tunable').map(([name, text]) => [name, tunableValue(name, text)]));

const MAKES_ONE = '`tunesmith policy compile NAME --out NAME.bpf.o` makes one';

/** A compiled policy from its file. @throws TunesmithError (usage) naming `field` when it is none. */
export function readObject(path: string, field: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw usageError(field, path, `cannot be read: ${messageOf(error)}`, MAKES_ONE);
  }
  if (bytes.toString('latin1', 0, 4) !== '\x7fELF')
    throw usageError(field, path, 'is no compiled policy (ELF object)', MAKES_ONE);
  return bytes;
}

/** A policy's object: a file that is one, or else a source or a policy of the repository, compiled for the kernel. */
async function objectOf(spec: string, kernel: string): Promise<Buffer> {
  if (spec.endsWith('.o')) return readObject(spec, '--policy');
  return (await compileSubject(findSubject(spec), await resolveKernel(kernel))).bytes;
}

/**
 * `{policy}` for a trial request on that kernel; nothing without `--policy`.
 * @throws TunesmithError usage naming the flag, rejected when the source does not compile.
 */
export async function policyFrom(flags: PolicyFlags): Promise<{ policy?: PolicyInput }> {
  if (flags.policy === undefined) {
    if (flags.tunable.length > 0)
      throw usageError('--tunable', flags.tunable[0], 'belongs to no policy', 'name one with --policy FILE');
    return {};
  }
  const timeout = flags.policyTimeout;
  return {
    policy: {
      object: await objectOf(flags.policy, flags.kernel),
      tunables: tunablesFrom(flags.tunable),
      ...(timeout === undefined
        ? {}
        : { timeoutMs: Math.round(parsePositiveDuration(timeout, '--policy-timeout') / 1e6) }),
    },
  };
}
