import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MachineFailed } from '../../errors.js';
import { type Bounds, confined, programFile, runtimeOf } from '../../host/confine.js';
import { run } from '../../host/run.js';
import { cacheDir, ensureDir, partDir } from '../../state.js';
import { essentialName } from '../flavour.js';
import { compileText, HEADERS, settingFor } from './clang.js';
import { passGate } from './gate.js';
import { namesOf } from './names.js';
import { bpftool, clang, resourceDir } from './toolchain.js';
import { admit } from './trust.js';
import { kernelTypes, type TargetKernel } from './types.js';

const ASKED = /\bbpf_ksym_exists\((\w+)\)/g;

/** The text of what a policy may include of ours. */
const ours = (): string[] =>
  readdirSync(HEADERS)
    .filter((name) => name.endsWith('.h'))
    .map((name) => readFileSync(join(HEADERS, name), 'utf8'));

/** Lines that answer, for one kernel, what policies ask the one they are loaded into. */
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
 * @throws TunesmithError (incapable) as `compilePolicy`.
 */
export async function leanObject(source: string, kernel: TargetKernel): Promise<Buffer | undefined> {
  const { bare } = await admit(source);
  const [types, tool, linker] = await Promise.all([kernelTypes(kernel), clang(), bpftool()]);
  const setting = settingFor(
    kernel.release,
    types.dir,
    { ...tool, resources: await resourceDir() },
    { bare },
  );
  const lean = { ...setting, flags: [...setting.flags, '-DBPF_NO_PRESERVE_ACCESS_INDEX'] };
  const passage = await passGate(lean, source, answers(source, namesOf(types, kernel.release).kfuncs));
  if (!('checked' in passage)) return undefined;
  const { ok, output } = await compileText(lean, passage.checked.text);
  return ok ? stripped(linker.program, output, bare) : undefined;
}

/** What bpftool's linker leaves of an object: no debugger's sections. */
async function stripped(linker: string, object: Buffer, bare: boolean): Promise<Buffer | undefined> {
  const dir = partDir(ensureDir(cacheDir(), 'run'));
  try {
    const [from, to] = [join(dir, 'policy.bpf.o'), join(dir, 'lean.bpf.o')];
    writeFileSync(from, object);
    writeFileSync(to, '');
    // Nobody else walks here; who the linker runs as has to read it.
    chmodSync(from, 0o644);
    const program = programFile(linker);
    const bounds: Bounds = {
      read: [...(await runtimeOf(program)), from],
      write: [to],
      ...{ cpuSeconds: 20, memory: 2 * 1024 ** 3, output: 64 * 1024 ** 2, tasks: 16, wallSeconds: 600 },
      bare,
    };
    const { code, timedOut } = await run(...confined(program, ['gen', 'object', to, from], bounds), {
      timeoutMs: 600_000,
    });
    // The other object would load as well, but it is another measurement.
    if (timedOut || code === null)
      throw new MachineFailed('bpftool’s linker was ended by something else than its limits');
    return code === 0 ? readFileSync(to) : undefined;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
