import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf, TunesmithError } from '../../errors.js';
import { run } from '../../host/run.js';
import { kernelBtf } from '../../lab/kernels/btf.js';
import type { LabKernel } from '../../lab/kernels/resolve.js';
import { KERNEL_BTF } from '../../native.js';
import { sha256Of } from '../../state/hash.js';
import { kept, keptAs } from '../../state/kept.js';
import { Once } from '../../state/once.js';
import { cacheDir, ensureDir, partDir } from '../../state.js';
import { bpftool } from './toolchain.js';

/** The kernel a policy is for: a lab kernel, or any other one whose types are in a file (/sys/kernel/btf/vmlinux). */
export type TargetKernel =
  | Pick<LabKernel, 'release' | 'vmlinuz' | 'sha256'>
  | { readonly release: string; readonly btf: string };

/** This machine's kernel, by its own types. */
export const runningKernel = () => ({ release: release(), btf: KERNEL_BTF });

/** A kernel's types as C. */
export interface KernelTypes {
  /** The directory that holds vmlinux.h. */
  readonly dir: string;
  /** Names the types and the bpftool that wrote them down. */
  readonly key: string;
}

/** That every kernel with sched_ext has among the names of its types. */
const SCHED_EXT = '\0sched_ext_ops\0';

/** Types being written down: who asks for the same meanwhile waits for the first. */
const making = new Once<KernelTypes>();

/**
 * The directory with the vmlinux.h of a kernel, made by bpftool once for each set of types.
 * @throws TunesmithError (incapable) when the kernel has no types or no sched_ext, or bpftool fails or cannot be found.
 */
export const kernelTypes = (kernel: TargetKernel): Promise<KernelTypes> =>
  making.do(`${cacheDir()}\n${'btf' in kernel ? `file ${kernel.btf}` : kernel.sha256}`, () =>
    madeTypes(kernel),
  );

async function madeTypes(kernel: TargetKernel): Promise<KernelTypes> {
  const [btf, tool] = await Promise.all(['btf' in kernel ? kernel.btf : kernelBtf(kernel), bpftool()]);
  const types = await readTypes(btf, kernel.release);
  if (!types.includes(SCHED_EXT))
    throw new TunesmithError('incapable', `Linux ${kernel.release} has no sched_ext, which a policy needs`, {
      hint: 'name a kernel that has it: --kernel scx takes the lab’s',
    });
  const key = createHash('sha256').update(types).update(tool.version).digest('hex');
  const home = ensureDir(cacheDir(), 'types');
  const find = (): Promise<string | null> => kept(home, 'kernel types', key, { inner: 'vmlinux.h' });
  const known = await find();
  if (known !== null) return { dir: known, key };
  const part = partDir(home);
  try {
    const file = join(part, 'types', 'vmlinux.h');
    mkdirSync(dirname(file));
    await dump(tool.program, btf, file);
    const dir = join(home, keptAs(key, await sha256Of(file)));
    renameSync(dirname(file), dir);
    return { dir, key };
  } catch (cause) {
    const dir = await find(); // another process may have been quicker
    if (dir === null) throw unusable(kernel.release, messageOf(cause), cause);
    return { dir, key };
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

async function readTypes(btf: string, release: string): Promise<Buffer> {
  try {
    return await readFile(btf);
  } catch (cause) {
    throw unusable(release, messageOf(cause), cause);
  }
}

const unusable = (release: string, reason: string, cause: unknown): TunesmithError =>
  new TunesmithError('incapable', `the types of Linux ${release} cannot be had: ${reason}`, {
    hint: 'policies need a kernel built with CONFIG_DEBUG_INFO_BTF=y, and bpftool 7.5 or later',
    cause,
  });

/** Through a shell's redirection: the text is larger than what `run` keeps. */
async function dump(program: string, btf: string, file: string): Promise<void> {
  const script = 'exec "$1" btf dump file "$2" format c > "$3"';
  const done = await run('sh', ['-c', script, 'sh', program, btf, file], { timeoutMs: 60_000 });
  if (done.code !== 0) throw new Error(done.stderr.trim() || 'bpftool failed');
}

/** The kfuncs of a kernel, by the prototypes in its vmlinux.h. */
export function kfuncsIn(vmlinux: string): string[] {
  return [...vmlinux.matchAll(/^extern .*?\b(\w+)\([^\n]*\) __weak __ksym;$/gm)].map(
    ([, name]) => name as string,
  );
}
