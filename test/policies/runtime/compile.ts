import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kernelBtf } from '../../../src/lab/kernels/btf.js';
import type { LabKernel } from '../../../src/lab/kernels/resolve.js';

const HERE = import.meta.dirname;
const FLAGS = '-target bpf -mcpu=v3 -O2 -g -Wno-missing-declarations -fms-extensions'.split(' ');
const HEADERS = ['-idirafter', '/usr/include/x86_64-linux-gnu'];

/** Policies of this directory, compiled against a lab kernel's types, by their names. */
export async function runtimePolicies<const Name extends string>(
  kernel: LabKernel,
  names: readonly Name[],
): Promise<Record<Name, Buffer>> {
  const dir = mkdtempSync(join(tmpdir(), 'tunesmith-policies-'));
  try {
    const dump = ['btf', 'dump', 'file', await kernelBtf(kernel), 'format', 'c'];
    writeFileSync(join(dir, 'vmlinux.h'), execFileSync('bpftool', dump, { maxBuffer: 1 << 26 }));
    const compiled = names.map((name) => {
      const [whole, object] = [join(dir, `${name}.full.o`), join(dir, `${name}.o`)];
      const source = join(HERE, `${name}.bpf.c`);
      execFileSync('clang-19', [...FLAGS, `-I${dir}`, ...HEADERS, '-c', source, '-o', whole]);
      // Keeps the types that the verifier reads, and leaves out those for a debugger: ten times as much.
      execFileSync('bpftool', ['gen', 'object', object, whole]);
      return [name, readFileSync(object)] as const;
    });
    return Object.fromEntries(compiled) as Record<Name, Buffer>;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
