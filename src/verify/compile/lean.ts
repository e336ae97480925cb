import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../host/run.js';
import { essentialName } from '../flavour.js';
import { flagsFor, HEADERS, Workbench } from './clang.js';
import { namesOf } from './names.js';
import { bpftool, clang } from './toolchain.js';
import { kernelTypes, type TargetKernel } from './types.js';

const ASKED = /\bbpf_ksym_exists\((\w+)\)/g;

/** The text of what a policy may include of ours. */
const ours = (): string[] =>
  readdirSync(HEADERS)
    .filter((name) => name.endsWith('.h'))
    .map((name) => readFileSync(join(HEADERS, name), 'utf8'));

/** A header that answers, for one kernel, what policies ask the one they are loaded into. */
function answers(source: string, kfuncs: readonly string[]): string {
  const known = new Set(kfuncs);
  const asked = new Set(
    [source, ...ours()].flatMap((text) => [...text.matchAll(ASKED)].map(([, name]) => name as string)),
  );
  const isThere = (name: string): boolean => known.has(essentialName(name));
  return [
    '#include "vmlinux.h"',
    '#include <bpf/bpf_helpers.h>',
    '#undef bpf_ksym_exists',
    '#define bpf_ksym_exists(name) KSYM_##name',
    ...[...asked].map((name) => `#define KSYM_${name} ${isThere(name) ? 1 : 0}`),
    '',
  ].join('\n');
}

/**
 * The same policy for this very kernel and for no debugger: what it asks of the kernel is answered, fields are where they
 * are, and nine tenths of the bytes are gone. An emulated CPU loads it in two thirds of the time, for libbpf goes through
 * all of the kernel's types again for every function that might be there.
 * @returns undefined where clang or bpftool's linker does not take it so
 * @throws TunesmithError (incapable) when a tool or the kernel's types are missing.
 */
export async function leanObject(source: string, kernel: TargetKernel): Promise<Buffer | undefined> {
  const [types, compiler, linker] = await Promise.all([kernelTypes(kernel), clang(), bpftool()]);
  const flags = [
    ...flagsFor(kernel.release, types.dir, []),
    ...['-DBPF_NO_PRESERVE_ACCESS_INDEX', '-include', 'answers.h'],
  ];
  using bench = new Workbench(compiler.program, flags, source);
  writeFileSync(join(bench.dir, 'answers.h'), answers(source, namesOf(types, kernel.release).kfuncs));
  const { object } = await bench.compile();
  if (!object) return undefined;
  const [from, to] = [join(bench.dir, 'policy.bpf.o'), join(bench.dir, 'lean.bpf.o')];
  const { code } = await run(linker.program, ['gen', 'object', to, from]);
  return code === 0 ? readFileSync(to) : undefined;
}
