import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, TunesmithError, usageError } from './errors.js';

/** What came of asking the kernel: `code` is errno's name, `reason` a sentence; both empty when `ok`. */
export interface Outcome {
  readonly ok: boolean;
  readonly errno: number;
  readonly code: string;
  readonly reason: string;
}

/** The libbpf.so.1 that the dynamic loader finds. */
export interface Libbpf {
  readonly major: number;
  readonly minor: number;
  readonly path: string;
  /** Has `bpf_link__update_map`, which `.struct_ops.link` needs. */
  readonly updatesStructOps: boolean;
}

/** Effective capabilities of the calling thread; `mask` has bit N set for capability N of capabilities(7). */
export interface Capabilities {
  readonly bpf: boolean;
  readonly perfmon: boolean;
  readonly sysAdmin: boolean;
  readonly mask: bigint;
}

/** The native half, with types. Every call is synchronous, takes microseconds and leaves nothing behind. */
export interface Native {
  /** null when there is no libbpf, or one older than 0.6. */
  libbpf(): Libbpf | null;
  /** Really makes a map and loads a two-instruction program. */
  bpf(): { readonly map: Outcome; readonly program: Outcome };
  /** Opens a BTF blob, the running kernel's by default. `bytes` is its size, 0 unless ok. */
  btf(path?: string): Outcome & { readonly bytes: number };
  capabilities(): Capabilities;
  /** Really opens a cycle counter. */
  pmu(): Outcome;
}

interface Addon {
  libbpf(): Libbpf | null;
  bpf(): { map: Outcome; program: Outcome };
  btf(path: string): Outcome & { bytes: number };
  capabilities(): bigint;
  pmu(): Outcome;
}

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const HINT = 'npm run setup';
const KERNEL_BTF = '/sys/kernel/btf/vmlinux';
// Capability numbers: include/uapi/linux/capability.h.
const CAP = { sysAdmin: 21n, perfmon: 38n, bpf: 39n };

let loaded: Native | undefined;

/**
 * The addon, loaded at the first call.
 * @throws TunesmithError (incapable) when it has not been built, or not for this machine.
 */
export function native(): Native {
  loaded ??= face(load());
  return loaded;
}

/**
 * The lab guest's agent, one static executable.
 * @throws TunesmithError (incapable) when it has not been built.
 */
export function agentPath(): string {
  const path = join(ROOT, 'prebuilds', `linux-${process.arch}`, 'tunesmith-agent');
  if (existsSync(path)) return path;
  throw new TunesmithError('incapable', `the lab's agent is not built: ${path} does not exist`, {
    hint: HINT,
  });
}

function load(): Addon {
  try {
    const find = createRequire(import.meta.url)('node-gyp-build') as (root: string) => Addon;
    return find(ROOT);
  } catch (error) {
    const reason = messageOf(error).split('\n')[0];
    throw new TunesmithError('incapable', `the native addon cannot be loaded: ${reason}`, {
      hint: HINT,
      cause: error,
    });
  }
}

const face = (addon: Addon): Native => ({
  libbpf: () => addon.libbpf(),
  bpf: () => addon.bpf(),
  btf: (path = KERNEL_BTF) => {
    if (!path.startsWith('/') || path.includes('\0'))
      throw usageError('path', path, 'must be an absolute path');
    return addon.btf(path);
  },
  capabilities: () => {
    const mask = addon.capabilities();
    const has = (bit: bigint) => ((mask >> bit) & 1n) === 1n;
    return { bpf: has(CAP.bpf), perfmon: has(CAP.perfmon), sysAdmin: has(CAP.sysAdmin), mask };
  },
  pmu: () => addon.pmu(),
});
