import { existsSync, readFileSync } from 'node:fs';
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

/**
 * A task's scheduling attributes (sched_getattr(2)), meaningful when `ok`. `policy`: SCHED_OTHER 0, SCHED_FIFO 1,
 * SCHED_RR 2, SCHED_BATCH 3, SCHED_IDLE 5, SCHED_DEADLINE 6, SCHED_EXT 7. `sliceNs` is the kernel's own for a task
 * without one of its own, and 0 before Linux 6.12.
 */
export interface TaskSched extends Outcome {
  readonly policy: number;
  readonly nice: number;
  /** SCHED_FLAG_* of include/uapi/linux/sched.h. */
  readonly flags: number;
  readonly sliceNs: number;
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
  /** `tid` 0 is the calling thread; ESRCH when the task is gone. */
  readSched(tid: number): TaskSched;
  /**
   * Gives a task an EEVDF slice of its own, or with 0 the kernel's; policy, nice and flags stay. The kernel holds
   * slices to 0.1-100 ms without a word: read back. EINVAL unless the task is SCHED_OTHER or SCHED_BATCH, ESRCH,
   * EPERM for another user's task without CAP_SYS_NICE.
   */
  setSlice(tid: number, sliceNs: number): Outcome;
  /** Whether this kernel has slices of a task (Linux 6.12), tried on a thread of its own, and the one it gives. */
  probeSlices(): Outcome & { readonly baseNs: number };
  /**
   * Every slice (ns) that the kernel gave in this boot to tasks without one of their own, the defaults for any number of
   * CPUs included: a task that slept while base_slice_ns changed shows the former one. `file` keeps those that were
   * seen (native/core/slice_bases.h); it need not be there.
   */
  sliceBases(file: string): readonly number[];
}

interface Addon {
  libbpf(): Libbpf | null;
  bpf(): { map: Outcome; program: Outcome };
  btf(path: string): Outcome & { bytes: number };
  capabilities(): bigint;
  pmu(): Outcome;
  readSched(tid: number): TaskSched;
  setSlice(tid: number, sliceNs: number): Outcome;
  probeSlices(): Outcome & { baseNs: number };
  sliceBases(file: string): number[];
}

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const HINT = 'npm run setup';
const BUNDLED =
  'it was bundled into another program, which leaves its native files behind: mark tunesmith as external in the bundler';
export const KERNEL_BTF = '/sys/kernel/btf/vmlinux';
/** PID_MAX_LIMIT of 64-bit kernels. */
const MOST_PID = 2 ** 22;
// Capability numbers: include/uapi/linux/capability.h.
const CAP = { sysAdmin: 21n, perfmon: 38n, bpf: 39n };

let loaded: Native | undefined;

/**
 * The addon, loaded at the first call.
 * @throws TunesmithError (incapable) when it has not been built, or not for this machine.
 */
export function native(): Native {
  loaded ??= face(loadAddon<Addon>());
  return loaded;
}

/**
 * The lab guest's agent, one static executable, for this machine or for guests of another architecture.
 * @throws TunesmithError (incapable) when it has not been built.
 */
export const agentPath = (arch: string = process.arch): string =>
  program('tunesmith-agent', "the lab's agent", arch);

/**
 * The program that puts staged changes back when this process is gone, one static executable.
 * @throws TunesmithError (incapable) when it has not been built.
 */
export const deadmanPath = (): string => program('tunesmith-deadman', 'the deadman', process.arch);

/**
 * The launcher that confines what reads strangers' sources and objects, one static executable.
 * @throws TunesmithError (incapable) when it has not been built.
 */
export const confinePath = (): string =>
  program('tunesmith-confine', 'the launcher that confines', process.arch);

/**
 * What is preloaded into an exact guest's QEMU so that the host's timing decides nothing (native/lab/lockstep.c).
 * @throws TunesmithError (incapable) when it has not been built.
 */
export const lockstepPath = (): string =>
  program('tunesmith-lockstep.so', "the lab's lockstep", process.arch);

function program(name: string, what: string, arch: string): string {
  const path = join(ROOT, 'prebuilds', `linux-${arch}`, name);
  if (existsSync(path)) return path;
  throw new TunesmithError('incapable', `${what} is not built: ${path} does not exist`, { hint: wayOut() });
}

/**
 * The addon as it is, for the modules that give its parts a face (Node loads it once).
 * @throws TunesmithError (incapable) when it has not been built, or not for this machine.
 */
export function loadAddon<T>(): T {
  try {
    const find = createRequire(import.meta.url)('node-gyp-build') as (root: string) => T;
    return find(ROOT);
  } catch (error) {
    const reason = messageOf(error).split('\n')[0];
    throw new TunesmithError('incapable', `the native addon cannot be loaded: ${reason}`, {
      hint: wayOut(),
      cause: error,
    });
  }
}

/** How to get what is native: this file finds it by its own place, which a bundler moves. */
function wayOut(): string {
  try {
    const { name } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { name?: unknown };
    return name === 'tunesmith' ? HINT : BUNDLED;
  } catch {
    return BUNDLED;
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
  readSched: (tid) => addon.readSched(whole('tid', tid, MOST_PID)),
  setSlice: (tid, sliceNs) => addon.setSlice(whole('tid', tid, MOST_PID), whole('sliceNs', sliceNs, 1e9)),
  probeSlices: () => addon.probeSlices(),
  sliceBases: (file) => {
    if (!file.startsWith('/') || file.includes('\0'))
      throw usageError('file', file, 'must be an absolute path');
    return addon.sliceBases(file);
  },
});

function whole(field: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw usageError(field, value, `must be a whole number from 0 to ${most}`);
}
