import { readFileSync } from 'node:fs';
import { messageOf, usageError } from '../errors.js';
import { checkKernel } from '../lab/kernels/check.js';
import { resolveKernel } from '../lab/kernels/resolve.js';
import { type PolicyInput, TIMEOUT_MS } from '../lab/policy.js';
import { nearHint } from '../near.js';
import { parsePositiveDuration } from '../units.js';
import { admit } from '../verify/compile/trust.js';
import { compileSubject } from '../verify/compile-subject.js';
import { findSubject, type Subject } from '../verify/subject.js';
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

/** Of a trial or on this machine: as the kernel takes it. @throws TunesmithError (usage) */
export function policyTimeoutMs(text: string): number {
  const ms = Math.round(parsePositiveDuration(text, '--policy-timeout') / 1e6);
  const { least, most } = TIMEOUT_MS;
  if (ms >= least && ms <= most) return ms;
  throw usageError('--policy-timeout', text, `must be from ${least}ms to ${most / 1000}s`);
}

/**
 * Tunables of a policy with a manifest: names and ranges, before anything is compiled. Of others the object tells.
 * @throws TunesmithError (usage) naming the tunable and what there is
 */
export function checkTunables(
  { name: policy, manifest }: Pick<Subject, 'name' | 'manifest'>,
  given: Readonly<Record<string, number>>,
): void {
  if (!manifest) return;
  const known = manifest.tunables.map(({ name }) => name);
  for (const [name, value] of Object.entries(given)) {
    const tunable = manifest.tunables.find((candidate) => candidate.name === name);
    if (!tunable) throw usageError('--tunable', name, `is no tunable of ${policy}`, nearHint(name, known));
    const { min, max } = tunable;
    if (value < min || value > max)
      throw usageError(`--tunable ${name}`, value, `must be a whole number from ${min} to ${max}`);
  }
}

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

/** A file that is an object, or else a source or a policy of the repository, to be compiled for the kernel. */
const namedObject = (spec: string): Buffer | Subject =>
  spec.endsWith('.o') ? readObject(spec, '--policy') : findSubject(spec);

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
  const what = namedObject(flags.policy);
  const tunables = tunablesFrom(flags.tunable);
  if (!Buffer.isBuffer(what)) checkTunables(what, tunables);
  const timeoutMs = flags.policyTimeout === undefined ? undefined : policyTimeoutMs(flags.policyTimeout);
  checkKernel(flags.kernel, { policy: true });
  if (Buffer.isBuffer(what)) await admit(what);
  const object = Buffer.isBuffer(what)
    ? what
    : (await compileSubject(what, await resolveKernel(flags.kernel))).bytes;
  return { policy: { object, tunables, ...(timeoutMs === undefined ? {} : { timeoutMs }) } };
}
