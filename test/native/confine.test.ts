import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  type Bounds,
  confined,
  type Layer,
  parseLayers,
  pretendAbsent,
  programFile,
} from '../../src/host/confine.js';
import { confinePath } from '../../src/native.js';

const dir = mkdtempSync(join(tmpdir(), 'confine-'));
const secret = join(dir, 'secret');
const given = join(dir, 'given');
const output = join(dir, 'output');
for (const path of [secret, given, output]) writeFileSync(path, 'hunter2', { mode: 0o644 });
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => pretendAbsent([]));

const isRoot = process.getuid?.() === 0;
const PYTHON = programFile('/usr/bin/python3');
const RUNTIME = ['/usr/lib', '/lib', '/lib64', '/etc/ld.so.cache'];

/** What a confined Python prints for an expression, or how it ended. */
function python(code: string, bounds: Partial<Bounds> = {}, absent: Layer[] = []) {
  pretendAbsent(absent);
  const [launcher, args] = confined(PYTHON, ['-I', '-c', code], { read: [...RUNTIME, given], ...bounds });
  const done = spawnSync(launcher, args, { encoding: 'utf8', input: '' });
  pretendAbsent([]);
  return { ...done, said: done.stdout.trim() };
}

/** The name of the error that a call raises; "none" without one. */
const trying = (call: string): string => `
import os, socket, ctypes, errno
def name(e): return errno.errorcode.get(e.errno, str(e))
try:
    ${call}
    print("none")
except OSError as e: print(name(e))
`;

describe.each<[string, Layer[]]>([
  ['all layers', []],
  ['namespaces alone', ['landlock']],
  ['Landlock alone', ['namespace']],
])('under %s', (_, absent) => {
  it.each([
    ['reads what it was given', `open(${JSON.stringify(given)}).read()`, /^none$/],
    ['reads nothing else', `open(${JSON.stringify(secret)}).read()`, /^(EACCES|ENOENT)$/],
    ['reads no password file', 'open("/etc/passwd").read()', /^(EACCES|ENOENT)$/],
    ['reads no environment', 'open("/proc/self/environ").read()', /^(EACCES|ENOENT)$/],
    ['reads no device', 'open("/dev/zero").read(1)', /^(EACCES|ENOENT)$/],
    ['writes nothing that it reads', `open(${JSON.stringify(given)}, "w")`, /^(EACCES|EROFS|EPERM)$/],
    ['makes no file', `open(${JSON.stringify(join(dir, 'new'))}, "w")`, /^(EACCES|ENOENT|EROFS)$/],
    ['makes no file in its root', 'open("/new", "w")', /^(EACCES|EROFS)$/],
    ['opens no socket', 'socket.socket(socket.AF_INET)', /^EPERM$/],
    ['opens no local socket', 'socket.socket(socket.AF_UNIX)', /^EPERM$/],
    ['starts no process', 'os.fork()', /^EPERM$/],
    [
      'starts no program beside it',
      'os.posix_spawn("/usr/bin/true", ["true"], {})',
      /^(EPERM|EACCES|ENOENT)$/,
    ],
    ['enters no namespace', 'os.unshare(0x10000000) if hasattr(os, "unshare") else os.fork()', /^EPERM$/],
    ['ends nobody', `os.kill(${process.pid}, 0)`, /^EPERM$/],
    ['ends no group', 'os.kill(0, 0)', /^EPERM$/],
    ['ends not all it can', 'os.kill(-1, 0)', /^EPERM$/],
    ['limits nobody', `__import__("resource").prlimit(${process.pid}, 7)`, /^EPERM$/],
    ['may signal itself', 'os.kill(os.getpid(), 0); __import__("signal").raise_signal(28)', /^none$/],
    ['may look at its own limits', '__import__("resource").getrlimit(7)', /^none$/],
  ])('%s', (_, call, answer) => {
    expect(python(trying(call), {}, absent).said).toMatch(answer);
  });

  it('writes where it may, and has threads', () => {
    const code = `import threading
def work(): open(${JSON.stringify(output)}, "w").write("done")
t = threading.Thread(target=work); t.start(); t.join(); print("joined")`;
    expect(python(code, { write: [output] }, absent).said).toBe('joined');
    expect(readFileSync(output, 'utf8')).toBe('done');
  });

  it('has no capability, no way to get one, and as root no user’s number', () => {
    const code = 'print(open("/proc/self/status").read(), __import__("os").getuid())';
    // Asked from outside: it may not look itself.
    const [launcher, args] = ((): [string, string[]] => {
      pretendAbsent(absent);
      return confined(PYTHON, ['-I', '-c', 'input()'], { read: RUNTIME });
    })();
    expect(python(code, {}, absent).status).not.toBe(0);
    const child = spawn(launcher, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      let status = '';
      while (!/^Seccomp:\t2$/m.test(status)) status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      // Without a namespace of one's own the bounding set cannot be given up, and no_new_privs keeps it from use.
      const bounding = isRoot || !absent.includes('namespace') ? ['Bnd'] : [];
      for (const set of ['Inh', 'Prm', 'Eff', 'Amb', ...bounding])
        expect(status).toMatch(new RegExp(`^Cap${set}:\t0{16}$`, 'm'));
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      const uid = Number(/^Uid:\t(\d+)/m.exec(status)?.[1]);
      if (isRoot && !absent.includes('namespace')) expect(uid).toBe(0x70000000 + (child.pid ?? 0));
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('limits', () => {
  it('CPU time ends it by SIGXCPU, wall-clock time by SIGALRM', () => {
    expect(python('while True: pass', { cpuSeconds: 1 }).signal).toBe('SIGXCPU');
    expect(python('import time; time.sleep(600)', { wallSeconds: 1 }).signal).toBe('SIGALRM');
    expect(python(trying('import signal; signal.setitimer(0, 0)'), { wallSeconds: 60 }).said).toBe('EPERM');
  });

  it('memory and output are bounded', () => {
    expect(python('x = bytearray(1 << 31)', { memory: 1 << 30 }).stderr).toContain('MemoryError');
    const code = trying(`f = open(${JSON.stringify(output)}, "wb"); f.write(b"x" * 5000); f.flush()`);
    expect(
      python(`import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n${code}`, {
        write: [output],
        output: 4096,
      }).said,
    ).toBe('EFBIG');
    expect(statSync(output).size).toBe(4096);
  });
});

it('inherits no descriptor above the last that is kept', () => {
  const [launcher, args] = confined(PYTHON, ['-I', '-c', 'import os; os.fstat(3)'], {
    read: RUNTIME,
    keep: 2,
  });
  const stdio: ['ignore', 'ignore', 'pipe', 'pipe'] = ['ignore', 'ignore', 'pipe', 'pipe'];
  expect(spawnSync(launcher, args, { stdio }).stderr.toString()).toContain('Bad file descriptor');
});

it('does not outlive who started it', async () => {
  const [launcher, args] = confined(PYTHON, ['-I', '-c', 'import time; time.sleep(600)'], { read: RUNTIME });
  const code = `const c = require('node:child_process').spawn(${JSON.stringify(launcher)}, ${JSON.stringify(args)}, {stdio: 'ignore'}); console.log(c.pid); setInterval(() => {}, 1000)`;
  const parent = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)));
  while (!/^Seccomp:\t2$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) await pause();
  parent.kill('SIGKILL');
  while (existsSync(`/proc/${pid}`)) await pause();
});

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

it('refuses to run where nothing confines, unless it may go bare', () => {
  const none: Layer[] = ['namespace', 'landlock'];
  expect(python('print(1)', {}, none)).toMatchObject({ status: 125, said: '' });
  expect(python('print(1)', {}, none).stderr).toContain('neither namespaces nor Landlock');
  expect(python('print(1)', { bare: true }, none)).toMatchObject({ status: 0, said: '1' });
  expect(python(trying('os.fork()'), { bare: true }, none).said).toBe('EPERM');
});

it('says which layers there are', () => {
  const probe = (...args: string[]) =>
    parseLayers(execFileSync(confinePath(), ['--probe', ...args], { encoding: 'utf8' }));
  expect(probe().seccomp).toBe(true);
  expect(probe('--without', 'landlock').landlock).toBe(0);
  expect(probe('--without', 'namespace')).toMatchObject({ namespace: false, uid: false });
});

it.each([
  [['--cpu', '-1', '--', '/bin/true'], 125],
  [['--cpu', 'x', '--', '/bin/true'], 125],
  [['--nonsense', 'x', '--', '/bin/true'], 125],
  [['--read'], 125],
  [['--'], 125],
  [[], 125],
  [['--', '/nowhere/program'], 127],
])('wrong arguments %j end with %i', (args, status) => {
  expect(spawnSync(confinePath(), args).status).toBe(status);
});
