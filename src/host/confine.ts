import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join, normalize } from 'node:path';
import { execa } from 'execa';
import { TunesmithError } from '../errors.js';
import { confinePath } from '../native.js';

/** What this machine gives to confine a program with (native/confine); `landlock` is its version, 0 without it. */
export interface Confinement {
  readonly namespace: boolean;
  readonly landlock: number;
  /** A user number of its own: for root alone. */
  readonly uid: boolean;
  readonly seccomp: boolean;
}

/** What a confined program may have: nothing that is not named here. */
export interface Bounds {
  /** Files and trees to read; what does not exist is passed over. */
  readonly read: readonly string[];
  /** Files that exist and may be written. */
  readonly write?: readonly string[];
  /** Inherited descriptors that it opens again, as /proc/self/fd/N. */
  readonly readFds?: readonly number[];
  readonly writeFds?: readonly number[];
  /** The last descriptor it inherits; default 2. */
  readonly keep?: number;
  readonly cpuSeconds?: number;
  /** Wall-clock time for hangs alone: it ends the program by SIGALRM, and says nothing of what it worked on. */
  readonly wallSeconds?: number;
  /** Address space, bytes. */
  readonly memory?: number;
  /** The longest file it may write, bytes. */
  readonly output?: number;
  /** Threads, where the user number is its own. */
  readonly tasks?: number;
  /** Runs as SCHED_BATCH. */
  readonly batch?: boolean;
  /** Goes on where there is neither a namespace nor Landlock: for what is trusted. */
  readonly bare?: boolean;
}

export type Layer = 'namespace' | 'landlock';

let absent: readonly Layer[] = [];
let found: Promise<Confinement> | undefined;

/** Does as if this machine lacked these layers: for tests of what comes then. */
export function pretendAbsent(layers: readonly Layer[]): void {
  absent = layers;
  found = undefined;
}

const without = (): string[] => absent.flatMap((layer) => ['--without', layer]);

/** What `tunesmith-confine --probe` prints. */
export const parseLayers = (text: string): Confinement => ({
  namespace: /^namespace$/m.test(text),
  landlock: Number(/^landlock (\d+)$/m.exec(text)?.[1] ?? 0),
  uid: /^uid$/m.test(text),
  seccomp: /^seccomp$/m.test(text),
});

/** What confines programs here, tried once in a process's life. @throws TunesmithError (incapable): not built */
export function confinement(): Promise<Confinement> {
  found ??= new Promise((resolve) => {
    execFile(confinePath(), ['--probe', ...without()], { timeout: 120_000 }, (_, stdout) =>
      resolve(parseLayers(stdout)),
    );
  });
  return found;
}

/** Whether files that are not named are out of a confined program's reach. */
export const isConfining = ({ namespace, landlock }: Confinement): boolean => namespace || landlock > 0;

/** The launcher and its arguments that run a program within bounds. @throws TunesmithError (incapable): not built */
export function confined(program: string, args: readonly string[], bounds: Bounds): [string, string[]] {
  const each = (option: string, values: readonly (string | number)[] = []): string[] =>
    values.flatMap((value) => [option, String(value)]);
  const one = (option: string, value: number | undefined): string[] =>
    value === undefined ? [] : [option, String(value)];
  const options = [
    ...each('--read', bounds.read),
    ...each('--write', bounds.write),
    ...each('--fd-read', bounds.readFds),
    ...each('--fd-write', bounds.writeFds),
    ...one('--keep', bounds.keep),
    ...one('--cpu', bounds.cpuSeconds),
    ...one('--wall', bounds.wallSeconds),
    ...one('--memory', bounds.memory),
    ...one('--output', bounds.output),
    ...one('--tasks', bounds.tasks),
    ...(bounds.batch ? ['--batch'] : []),
    ...(bounds.bare ? ['--bare'] : []),
    ...without(),
  ];
  return [confinePath(), [...options, '--', program, ...args]];
}

/** The file a program's name stands for, links resolved. @throws TunesmithError (incapable) when there is none */
export function programFile(name: string): string {
  const dirs = name.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const path = dirs.map((dir) => (dir === '' ? name : join(dir, name))).find((file) => existsSync(file));
  if (path !== undefined) return realpathSync(path);
  throw new TunesmithError('incapable', `${name} is not there, or not in PATH`, { hint: 'npm run setup' });
}

const runtimes = new Map<string, Promise<readonly string[]>>();

/** What a program needs to start: itself, the loader and its libraries, by name. */
export function runtimeOf(program: string): Promise<readonly string[]> {
  const known = runtimes.get(program) ?? librariesOf(program);
  runtimes.set(program, known);
  return known;
}

async function librariesOf(program: string): Promise<readonly string[]> {
  const { stdout = '' } = await execa('ldd', [program], {
    reject: false,
    stdin: 'ignore',
    env: { LC_ALL: 'C' },
  });
  const libraries = [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path]) =>
    normalize(path ?? ''),
  );
  return [program, ...libraries, '/etc/ld.so.cache'];
}

/** Where a program looks for what belongs to it: the tree it is installed in, next to the system's. */
export const sharesOf = (program: string, ...names: readonly string[]): string[] => {
  const homes = new Set(['/usr/share', join(dirname(dirname(program)), 'share')]);
  return [...homes].flatMap((home) => names.map((name) => join(home, name)));
};
