import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ran, run } from '../../host/run.js';
import { archOfRelease } from '../../lab/arch.js';
import { PROJECT_ROOT } from '../../lab/functional/project.js';
import { openedFiles } from './outside.js';

/** The name a policy has while it is compiled. */
export const SOURCE_NAME = 'policy.bpf.c';

/** CPU seconds, address space and file size of one run of clang: a policy that needs more is an attack or an error. */
const LIMITS = ['--cpu=10', '--as=4294967296', '--fsize=268435456', '--core=0'];
const WALL_MS = 30_000;

/** Where policy.bpf.h lies. */
export const HEADERS = join(PROJECT_ROOT, 'bpf');

/** Flags of every policy on every kernel; vmlinux.h of 7.x needs -fms-extensions, and no other minds it. */
const FLAGS: readonly string[] = [
  ...['-target', 'bpf', '-mcpu=v3', '-O2', '-g', '-std=gnu11', '-Wall', '-Wno-unused-function'],
  ...[
    '-fms-extensions',
    '-Wno-microsoft-anon-tag',
    '-Wno-missing-declarations',
    '-Wno-compare-distinct-pointer-types',
  ],
  ...['-fno-color-diagnostics', '-fno-caret-diagnostics', '-fno-crash-diagnostics', '-ferror-limit=20'],
  '-fdebug-compilation-dir=/',
];

/**
 * The flags for a kernel.
 * @param types the directory of its vmlinux.h
 * @param includeDirs further ones with headers
 */
export const flagsFor = (release: string, types: string, includeDirs: readonly string[]): string[] => [
  ...FLAGS,
  `-D__TARGET_ARCH_${archOfRelease(release) === 'arm64' ? 'arm64' : 'x86'}`,
  // Objects are the same wherever this project and its cache lie.
  ...[`-ffile-prefix-map=${HEADERS}=.`, `-ffile-prefix-map=${types}=.`],
  ...['-isystem', types, '-I', HEADERS, ...includeDirs.flatMap((dir) => ['-I', dir])],
];

/** One policy in a directory of its own, with a clang to work on it; the directory goes with `close`. */
export class Workbench implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'tunesmith-compile-'));

  constructor(
    private readonly program: string,
    private readonly flags: readonly string[],
    source: string,
  ) {
    writeFileSync(join(this.dir, SOURCE_NAME), source);
  }

  /** Preprocesses: what it says, the text (empty when it failed), and every file it has opened. */
  async preprocess(): Promise<{ ran: Ran; text: string; opened: string[] }> {
    const [output, needed] = [join(this.dir, 'policy.i'), join(this.dir, 'policy.d')];
    const ran = await this.clang(['-E', '-H', '-MD', '-MF', needed, '-o', output]);
    const text = ran.code === 0 ? readFileSync(output, 'utf8') : '';
    return { ran, text, opened: openedFiles(ran.stderr, needed) };
  }

  /** Compiles: what it says, and the object, undefined when it failed. */
  async compile(): Promise<{ ran: Ran; object: Buffer | undefined }> {
    const output = join(this.dir, 'policy.bpf.o');
    const ran = await this.clang(['-c', '-o', output]);
    return { ran, object: ran.code === 0 ? readFileSync(output) : undefined };
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  private clang(args: readonly string[]): Promise<Ran> {
    const own = [`-ffile-prefix-map=${this.dir}=.`, ...args, SOURCE_NAME];
    const line = [...LIMITS, '--', this.program, ...this.flags, ...own];
    return run('prlimit', line, { cwd: this.dir, timeoutMs: WALL_MS });
  }
}
