import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAIN } from './cli.js';

const NOBODY = '65534';
const isRoot = process.getuid?.() === 0;
const ROOTS = '/var/lib/tunesmith/change';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tunesmith-panic-'));
  chmodSync(base, 0o755);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const env = (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({ ...process.env, NO_COLOR: '1', ...more });
const asRoot = (args: readonly string[], more: NodeJS.ProcessEnv): Ran =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env: env(more) });
const asNobody = (args: readonly string[], more: NodeJS.ProcessEnv): Ran =>
  spawnSync(
    'setpriv',
    ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups', process.execPath, MAIN, ...args],
    { encoding: 'utf8', env: env(more) },
  );
/** The state directory of nobody, with or without anything in it. */
function nobodys(): string {
  const dir = join(base, 'nobody');
  mkdirSync(dir);
  spawnSync('chown', [`${NOBODY}:${NOBODY}`, dir]);
  return dir;
}

describe.runIf(isRoot)('panic and change list tell who asks', () => {
  const made = [ROOTS, dirname(ROOTS)].filter((dir) => !existsSync(dir));
  afterAll(() => {
    // Unless somebody else has put something there meanwhile.
    for (const dir of made) if (existsSync(dir) && readdirSync(dir).length === 0) rmdirSync(dir);
  });

  it('that another’s journal is not theirs to read, and put nothing back', async () => {
    const roots = join(base, 'root');
    mkdirSync(roots, { mode: 0o700 });
    const sleeper = spawn('sleep', ['600']);
    try {
      const scope = `pid:${sleeper.pid}`;
      const stager = spawn(
        process.execPath,
        [MAIN, 'change', 'stage', '--set', 'slice_ns=300us', '--scope', scope, '--json'],
        { env: env({ XDG_STATE_HOME: roots }) },
      );
      const ended = new Promise((resolve) => stager.once('exit', resolve));
      const token: string = await new Promise((resolve, reject) => {
        stager.once('exit', () => reject(new Error('it was not staged')));
        stager.stdout.once('data', (bytes) => resolve(JSON.parse(String(bytes)).token));
      });
      expect(asRoot(['change', 'commit', token], { XDG_STATE_HOME: roots }).status).toBe(0);
      await ended;

      const panicked = asNobody(['panic'], { XDG_STATE_HOME: roots });
      expect(panicked).toMatchObject({ status: 3, stdout: '' });
      expect(panicked.stderr).toMatch(/nothing was put back: .* cannot be looked at as user 65534/);
      expect(asNobody(['change', 'list'], { XDG_STATE_HOME: roots })).toMatchObject({
        status: 3,
        stdout: '',
      });
      expect(asNobody(['change', 'revert', 'c1'], { XDG_STATE_HOME: roots }).status).toBe(3);

      const listed = JSON.parse(asRoot(['change', 'list', '--json'], { XDG_STATE_HOME: roots }).stdout);
      expect(listed.changes).toMatchObject([{ id: 'c1', state: 'committed' }]);
      const { stdout } = asRoot(['panic', '--json'], { XDG_STATE_HOME: roots });
      expect(JSON.parse(stdout)).toMatchObject({ done: true, changes: [{ id: 'c1', endReason: 'panic' }] });
    } finally {
      sleeper.kill('SIGKILL');
    }
  });

  it('that root has a journal which they cannot read', () => {
    mkdirSync(ROOTS, { recursive: true, mode: 0o700 });
    const more = { XDG_STATE_HOME: nobodys() };
    const panicked = asNobody(['panic'], more);
    expect(panicked.status).toBe(3);
    expect(panicked.stdout).toContain('that is not the whole machine');
    expect(panicked.stdout).toContain(`the journal of root, ${ROOTS}, cannot be read as this user`);
    expect(panicked.stdout).toContain('sudo tunesmith panic');
    const listed = asNobody(['change', 'list', '--json'], more);
    expect(listed.status).toBe(3);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      changes: [],
      elsewhere: [{ dir: ROOTS, owner: 'root', open: null }],
    });
  });

  it('that a foreign state directory is used for nothing, even by root', () => {
    const dir = nobodys();
    mkdirSync(join(dir, 'tunesmith/change'), { recursive: true });
    const victim = join(base, 'victim');
    writeFileSync(victim, 'as it was\n');
    const boot = spawnSync('cat', ['/proc/sys/kernel/random/boot_id'], { encoding: 'utf8' }).stdout.trim();
    writeFileSync(
      join(dir, 'tunesmith/change/c1.undo'),
      `tunesmith-undo/1 committed__ -__________ 000001 ${boot}\ns\tfile\t${victim}\tplanted\tas it was\n`,
    );
    spawnSync('chown', ['-R', `${NOBODY}:${NOBODY}`, dir]);
    for (const args of [['panic'], ['change', 'list'], ['ledger', 'show'], ['approve']]) {
      const { status, stderr } = asRoot(args, { XDG_STATE_HOME: dir });
      expect([args, status, stderr]).toEqual([args, 3, expect.stringContaining(`belongs to user ${NOBODY}`)]);
    }
    expect(spawnSync('cat', [victim], { encoding: 'utf8' }).stdout).toBe('as it was\n');
  });
});

describe('a command that only looks', () => {
  it('makes nothing where there is nothing', () => {
    const more = { XDG_STATE_HOME: join(base, 'state') };
    expect(asRoot(['change', 'list', '--json'], more).status).not.toBe(2);
    asRoot(['panic'], more);
    expect(existsSync(join(base, 'state'))).toBe(false);
  });

  it('says in a sentence that it has no home', () => {
    const { status, stderr } = spawnSync(
      'setpriv',
      ['--reuid', '54321', '--clear-groups', 'env', '-i', process.execPath, MAIN, 'lab', 'kernels'],
      { encoding: 'utf8' },
    );
    if (!isRoot) return;
    expect(stderr).toContain('there is no home directory to keep anything in: HOME is not set');
    expect([status, stderr]).toEqual([3, expect.not.stringContaining(' at ')]);
  });
});
