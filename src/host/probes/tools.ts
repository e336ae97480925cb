import { atLeast } from '../../versions.js';
import { type DoctorRow, degraded, missing, ok } from '../row.js';
import type { Run } from '../run.js';
import type { Probe } from './probe.js';

const CLANG = { id: 'clang', name: 'clang' };
const BPFTOOL = { id: 'bpftool', name: 'bpftool' };

/** Older ones lack parts of the BPF back end that policies use. */
export const CLANG_MINIMUM = '17';

const NEWEST = 30;
const names = ['clang', ...Array.from({ length: 17 }, (_, i) => `clang-${NEWEST - i}`)];

/** The newest clang in PATH, by its own word for its version. */
export async function findClang(run: Run): Promise<{ program: string; version: string } | undefined> {
  const tried = await Promise.all(
    names.map(async (program) => {
      const version = /clang version (\d+(?:\.\d+)*)/.exec((await run(program, ['--version'])).stdout)?.[1];
      return version === undefined ? [] : [{ program, version }];
    }),
  );
  return tried
    .flat()
    .reduce<{ program: string; version: string } | undefined>(
      (best, next) => (best === undefined || !atLeast(best.version, next.version) ? next : best),
      undefined,
    );
}

/** The bpftool of this machine; Debian puts it where only root's PATH looks. */
export async function findBpftool(run: Run): Promise<{ program: string; version: string } | undefined> {
  for (const program of ['bpftool', '/usr/sbin/bpftool']) {
    const version = /bpftool v(\d+(?:\.\d+)*)/.exec((await run(program, ['version'])).stdout)?.[1];
    if (version !== undefined) return { program, version };
  }
  return undefined;
}

/** What compiles a policy: clang, and bpftool for the kernel's types. */
export const probeTools: Probe = async ({ run }) => [await clangRow(run), await bpftoolRow(run)];

async function clangRow(run: Run): Promise<DoctorRow> {
  const clang = await findClang(run);
  const cost = 'policies cannot be compiled; those that come compiled still work';
  const fix = 'sudo apt-get install clang-19';
  if (clang === undefined) return missing(CLANG, 'none', cost, fix);
  const found = `${clang.version} (${clang.program})`;
  return atLeast(clang.version, CLANG_MINIMUM)
    ? ok(CLANG, found)
    : degraded(CLANG, `${found}, older than ${CLANG_MINIMUM}`, 'some policies do not compile', fix);
}

async function bpftoolRow(run: Run): Promise<DoctorRow> {
  const bpftool = await findBpftool(run);
  const cost = 'policies cannot be fitted to a kernel’s types, so none can be compiled';
  return bpftool === undefined
    ? missing(BPFTOOL, 'none', cost, 'npm run setup')
    : ok(BPFTOOL, bpftool.version);
}
