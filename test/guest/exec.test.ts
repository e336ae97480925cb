import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { treeEntries } from '../../src/lab/closure.js';
import { bootFunctional } from '../../src/lab/functional/guest.js';
import { isAlive } from '../../src/state.js';
import { runModule, useGuest } from './guest.js';

const MIB = 1024 * 1024;
const guest = useGuest({ kernel: 'scx', extraFiles: treeEntries('test/house', '/extra/house') });
const sh = (script: string, options = {}) => guest().exec(['sh', '-c', script], options);

it('hands back both streams and the exit status', async () => {
  const done = await sh('echo out; echo oops >&2; exit 7');
  expect(done).toEqual({
    status: 7,
    signal: null,
    stdout: 'out\n',
    stderr: 'oops\n',
    timedOut: false,
    truncated: false,
  });
});

it('names the signal that ended a program', async () => {
  expect(await sh('kill -SEGV $$')).toMatchObject({ status: null, signal: 'SIGSEGV', timedOut: false });
  expect(await sh('kill -TERM $$')).toMatchObject({ status: null, signal: 'SIGTERM' });
});

it('kills the whole process group when the time is over', async () => {
  const started = Date.now();
  const done = await sh('echo begun; sleep 1000 & sleep 1000', { timeoutMs: 500 });
  expect(done).toMatchObject({ status: null, signal: 'SIGKILL', stdout: 'begun\n', timedOut: true });
  expect(Date.now() - started).toBeLessThan(600_000);
  expect((await sh('pgrep -x sleep')).stdout).toBe('');
});

it('keeps the first 8 MiB of each stream and says that there was more', async () => {
  const script = `head -c ${9 * MIB} /dev/zero | tr '\\0' o; head -c ${8 * MIB} /dev/zero | tr '\\0' e >&2`;
  const done = await sh(script);
  expect(done).toMatchObject({ status: 0, truncated: true });
  expect([done.stdout.length, done.stderr.length]).toEqual([8 * MIB, 8 * MIB]);
  expect([/^o+$/.test(done.stdout), /^e+$/.test(done.stderr)]).toEqual([true, true]);
});

it('gets away from a program that never stops writing', async () => {
  const done = await guest().exec(['yes'], { timeoutMs: 1500 });
  expect(done).toMatchObject({ timedOut: true, truncated: true, signal: 'SIGKILL' });
  expect(done.stdout.length).toBe(8 * MIB);
});

it('feeds standard input whole, and survives a program that reads none', async () => {
  const text = 'naïve ☃\n'.repeat(300_000);
  const done = await guest().exec(['wc', '-c'], { stdin: text });
  expect(Number(done.stdout)).toBe(Buffer.byteLength(text));
  expect(await guest().exec(['true'], { stdin: text })).toMatchObject({ status: 0 });
});

it('passes words, environment and directory as they are', async () => {
  const done = await guest().exec(['sh', '-c', 'printf "%s|%s|%s" "$1" "$WORD" "$PWD"', 'x', 'a  "b"\n$c'], {
    env: { WORD: 'd=e f' },
    cwd: '/tmp',
  });
  expect(done.stdout).toBe('a  "b"\n$c|d=e f|/tmp');
});

it('says which program or directory is not there, and goes on', async () => {
  await expect(guest().exec(['no-such-program'])).rejects.toThrow(/run: no-such-program: No such file/);
  await expect(guest().exec(['true'], { cwd: '/nowhere' })).rejects.toThrow(/change to: \/nowhere/);
  expect((await guest().exec(['true'])).status).toBe(0);
});

it('refuses what makes no sense before the guest sees it', async () => {
  await expect(guest().exec([])).rejects.toMatchObject({ code: 'usage' });
  await expect(guest().exec(['true'], { timeoutMs: 0 })).rejects.toMatchObject({ code: 'usage' });
  await expect(bootFunctional({ kernel: 'scx', cpus: 0 })).rejects.toMatchObject({ code: 'usage' });
  await expect(bootFunctional({ kernel: '/etc/passwd' })).rejects.toMatchObject({ code: 'usage' });
});

it('runs calls made at once one after the other', async () => {
  const words = ['one', 'two', 'three'];
  const done = await Promise.all(words.map((word) => sh(`sleep 0.1; echo ${word}`)));
  expect(done.map(({ stdout }) => stdout.trim())).toEqual(words);
});

it('has the files it was given, at the boot and later', async () => {
  await guest().put('/later/on/script.mjs', "console.log('ran', 6 * 7)", 0o755);
  expect((await sh('node /later/on/script.mjs')).stdout).toBe('ran 42\n');
  expect((await sh('cat /extra/house/rules.ts')).stdout).toBe(readFileSync('test/house/rules.ts', 'utf8'));
});

it('runs on while nobody asks it for anything', async () => {
  await sh('setsid sh -c "sleep 1; echo awake > /tmp/awake" > /dev/null 2>&1 &');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect((await sh('cat /tmp/awake')).stdout).toBe('awake\n');
});

it('runs the packages the project needs, SQLite’s native one among them', async () => {
  const done = await runModule(
    guest(),
    `import Database from 'better-sqlite3';
     console.log(new Database(':memory:').prepare('SELECT 1 + 1 AS two').get().two);`,
  );
  expect(done).toMatchObject({ status: 0, stdout: '2\n', stderr: '' });
});

it('leaves no process behind', async () => {
  let pid = 0;
  const boot = async () => {
    await using short = await bootFunctional({ kernel: 'scx', cpus: 1 });
    pid = short.machine.pid;
    expect(isAlive(pid)).toBe(true);
    return short;
  };
  const short = await boot();
  await short.close();
  expect(isAlive(pid)).toBe(false);
  await expect(short.exec(['true'])).rejects.toMatchObject({ code: 'machine' });
});
