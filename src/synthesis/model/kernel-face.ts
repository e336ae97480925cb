import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabKernel } from '../../lab/kernels/resolve.js';
import { kernelTypes } from '../../verify/compile/types.js';

/** What a policy may call on one kernel. */
export interface KernelFace {
  readonly release: string;
  /** C prototypes of the functions a scheduler has use for, one to a line. */
  readonly prototypes: readonly string[];
  /** Names of its enumerators for schedulers: SCX_… */
  readonly flags: ReadonlySet<string>;
}

const PROTOTYPE = /^extern (.*?\b(\w+)\([^\n]*\)) __weak __ksym;$/gm;
const USEFUL = /^(?:scx_bpf_|bpf_cpumask_|bpf_rcu_read_|bpf_task_(?:acquire|release)$)/;
const FLAG = /^\s+(SCX_\w+)(?: = [^,\n]+)?,?$/gm;
/** Variants, text for debugging, other ways to end a policy, nodes and other clocks: they take room and mislead. */
const USELESS =
  /___|_bstr$|_dump|dispatch_cancel|_node$|_node_|reenqueue|_events$|_destroy_|cpumask_(?:copy|populate|weight|subset|equal|setall|clear|full|empty|xor|or|release_dtor)$/;

/**
 * The target kernel's own functions, from its types (BTF), so that a model is not asked to remember which release
 * has what.
 * @throws TunesmithError (incapable) when the kernel has no types
 */
export async function kernelFace(
  kernel: Pick<LabKernel, 'release' | 'vmlinuz' | 'sha256'>,
): Promise<KernelFace> {
  const { dir } = await kernelTypes(kernel);
  const text = readFileSync(join(dir, 'vmlinux.h'), 'utf8');
  const prototypes = [...text.matchAll(PROTOTYPE)].flatMap(([, line = '', name = '']) =>
    USEFUL.test(name) && !USELESS.test(name) ? [line] : [],
  );
  const flags = new Set([...text.matchAll(FLAG)].map(([, name]) => name as string));
  return { flags, release: kernel.release, prototypes: [...new Set(prototypes)].sort() };
}
