import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { MachineFailed, TunesmithError } from '../../errors.js';
import { type Bounds, confined, programFile, runtimeOf } from '../../host/confine.js';
import { archOfRelease } from '../../lab/arch.js';
import { PROJECT_ROOT } from '../../lab/functional/project.js';

/** The name a policy has while it is compiled. */
export const SOURCE_NAME = 'policy.bpf.c';

/** Where policy.bpf.h lies. */
export const HEADERS = join(PROJECT_ROOT, 'bpf');
/** libbpf's headers, and what they are found by. */
export const LIBBPF = '/usr/include/bpf';

/** A policy that needs more than this of one run of clang is an attack or an error. */
const CPU_SECONDS = 20;
const MEMORY = 4 * 1024 ** 3;
const MOST_TEXT = 16 * 1024 ** 2;
const MOST_WORDS = 1024 ** 2;
/** For a hang alone: a busy machine is no fault of the policy's. */
const WALL_SECONDS = 600;

/** Flags of every policy on every kernel; vmlinux.h of 7.x needs -fms-extensions, and no other minds it. */
const FLAGS: readonly string[] = [
  ...['-target', 'bpf', '-mcpu=v3', '-O2', '-g', '-std=gnu11', '-Wall', '-Wno-unused-function'],
  ...[
    '-fms-extensions',
    '-Wno-microsoft-anon-tag',
    '-Wno-missing-declarations',
    '-Wno-compare-distinct-pointer-types',
    // A policy may have names of kernel headers for itself, which our headers have too.
    '-Wno-macro-redefined',
  ],
  ...['-fno-color-diagnostics', '-fno-caret-diagnostics', '-fno-crash-diagnostics', '-ferror-limit=20'],
  ...['-fdebug-compilation-dir=/', '-fintegrated-cc1', '-Wno-unused-command-line-argument'],
];

/** Questions for files are answered with no: even that one is there is none of a policy's business. */
const BLIND = ['-D__has_include(...)=0', '-D__has_include_next(...)=0', '-D__has_embed(...)=0'];

/** What clang is run with for a kernel. */
export interface Setting {
  /** The clang, and the directory of its own headers. */
  readonly program: string;
  readonly resources: string;
  readonly flags: readonly string[];
  /** Directories whose headers a policy may include. */
  readonly headers: readonly string[];
  /** Whether clang may run unconfined where nothing confines it. */
  readonly bare: boolean;
}

/**
 * @param types the directory of the kernel's vmlinux.h
 * @param includeDirs further ones with headers
 */
export function settingFor(
  release: string,
  types: string,
  tool: { readonly program: string; readonly resources: string },
  { includeDirs = [], bare }: { readonly includeDirs?: readonly string[]; readonly bare: boolean },
): Setting {
  return {
    bare,
    program: tool.program,
    resources: tool.resources,
    flags: [
      ...FLAGS,
      `-D__TARGET_ARCH_${archOfRelease(release) === 'arm64' ? 'arm64' : 'x86'}`,
      // Objects are the same wherever this project and its cache lie.
      ...[`-ffile-prefix-map=${HEADERS}=.`, `-ffile-prefix-map=${types}=.`],
      ...[`-resource-dir=${tool.resources}`, '-nostdlibinc', '-isystem', types, '-I', HEADERS],
      // Ours come first, whatever others call theirs.
      ...['-isystem', dirname(LIBBPF)],
      ...includeDirs.flatMap((dir) => ['-isystem', dir]),
    ],
    headers: [types, HEADERS, LIBBPF, join(tool.resources, 'include'), ...includeDirs],
  };
}

/** What a run of clang came to. */
export interface Compiled {
  /** What it made; empty when it failed. */
  readonly output: Buffer;
  readonly stderr: string;
  readonly ok: boolean;
  /** It came to a limit that a policy has no need of: CPU time, memory, output. */
  readonly exceeded: boolean;
}

/** Something else than its own limits ended clang, twice: that says nothing of the policy. */
export class TooBusy extends MachineFailed {
  constructor(how: string) {
    super(`clang was ended by ${how}, twice`, {
      hint: 'this machine was too busy to compile, which says nothing of the policy: try again',
    });
  }
}

/**
 * The one run that reads files: a policy's text with all it includes. What it opened is in `stderr` (-H).
 * @param prelude comes before the policy and is trusted
 */
export const preprocess = (setting: Setting, source: string, prelude = ''): Promise<Compiled> =>
  clang(
    setting,
    setting.headers,
    [...setting.flags, '-Wno-builtin-macro-redefined', ...BLIND, '-E', '-H', '-x', 'c', '-o', '-', '-'],
    `${prelude}# 1 "${SOURCE_NAME}"\n${source}`,
  );

/** Compiles preprocessed text; no file at all can be read by it. */
export const compileText = (setting: Setting, text: string): Promise<Compiled> =>
  clang(
    setting,
    [],
    [...setting.flags, '-c', '-x', 'cpp-output', '-o', '-', '-'],
    `# 1 "${SOURCE_NAME}"\n${text}`,
  );

/** What is nobody's secret, and the same on every day. */
const ENVIRONMENT = { LC_ALL: 'C', SOURCE_DATE_EPOCH: '0' };

/** @throws TunesmithError (incapable): it cannot be started; TooBusy: from outside it was ended twice */
async function clang(
  { program: name, bare }: Setting,
  readable: readonly string[],
  args: readonly string[],
  input: string,
): Promise<Compiled> {
  const program = programFile(name);
  const bounds: Bounds = {
    read: [...(await runtimeOf(program)), ...readable],
    ...{ cpuSeconds: CPU_SECONDS, memory: MEMORY, output: MOST_TEXT, tasks: 16, wallSeconds: WALL_SECONDS },
    bare,
  };
  const once = async (): Promise<Compiled | string> => {
    const done = await execa(...confined(program, args, bounds), {
      ...{ reject: false, input, encoding: 'buffer', env: ENVIRONMENT, extendEnv: false, cwd: HEADERS },
      ...{ timeout: (WALL_SECONDS + 30) * 1000, killSignal: 'SIGKILL' },
      maxBuffer: { stdout: MOST_TEXT, stderr: MOST_WORDS },
    });
    const { exitCode, signal, isMaxBuffer } = done;
    const stderr = Buffer.from(done.stderr ?? []).toString('utf8');
    if (exitCode === 125 || exitCode === 127 || (exitCode === undefined && signal === undefined))
      throw cannotRun(program, stderr.trim() || (done.shortMessage ?? ''));
    if (done.timedOut || signal === 'SIGALRM') return `${WALL_SECONDS} s of wall-clock time`;
    if (signal !== undefined && FROM_OUTSIDE.has(signal) && !isMaxBuffer) return signal;
    const ok = exitCode === 0 && !isMaxBuffer;
    const exceeded = isMaxBuffer || signal === 'SIGXCPU' || (!ok && OUT_OF_MEMORY.test(stderr));
    return { output: ok ? Buffer.from(done.stdout) : Buffer.alloc(0), stderr, ok, exceeded };
  };
  const first = await once();
  if (typeof first !== 'string') return first;
  const second = await once();
  if (typeof second !== 'string') return second;
  throw new TooBusy(second);
}

/** Signals that nothing clang does can bring about: a person, a lack of memory, a shutdown. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);

const OUT_OF_MEMORY = /out of memory|bad_alloc/i;

const cannotRun = (program: string, reason: string): TunesmithError =>
  new TunesmithError('incapable', `${basename(program)} cannot be run: ${reason}`, {
    hint: 'tunesmith doctor says what confines programs here',
  });
