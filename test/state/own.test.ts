import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { changeDir } from '../../src/change/options.js';
import { ownSecret, readSecret } from '../../src/govern/secret.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { openDatabase } from '../../src/sqlite.js';
import { cacheDir, ensureDir, stateDir } from '../../src/state.js';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tunesmith-own-'));
  vi.stubEnv('XDG_STATE_HOME', home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

const planted = (path: string, text = 'planted', mode = 0o600): string => {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode });
  return path;
};

describe.runIf(isRoot)('root', () => {
  it('keeps its journal in one place, whatever HOME says', () => {
    vi.stubEnv('XDG_STATE_HOME', '');
    for (const HOME of ['/root', home, '/nowhere']) {
      vi.stubEnv('HOME', HOME);
      expect(stateDir()).toBe('/var/lib/tunesmith');
    }
  });

  it('takes no cache from a HOME that is another user’s', () => {
    chownSync(home, NOBODY, NOBODY);
    vi.stubEnv('XDG_CACHE_HOME', '');
    vi.stubEnv('HOME', home);
    expect(cacheDir()).not.toContain(home);
  });

  it('takes no directory of another user’s, nor one below it', () => {
    chownSync(home, NOBODY, NOBODY);
    expect(() => ensureDir(changeDir())).toThrow(`${home} belongs to user ${NOBODY}, and this is root`);
    expect(existsSync(join(home, 'tunesmith'))).toBe(false);
  });

  it('takes no secret that another user has planted', () => {
    const path = planted(join(home, 'tunesmith/mcp.token'), 'a token that somebody else knows\n');
    chownSync(path, NOBODY, NOBODY);
    expect(() => ownSecret('mcp.token')).toThrow(`${path} belongs to user ${NOBODY}`);
    expect(() => readSecret(path)).toThrow('belongs to');
  });
});

describe('a directory of ours', () => {
  it('is refused while others may write to it or to one above it', () => {
    const dir = ensureDir(home, 'tunesmith');
    for (const [path, mode] of [
      [dir, 0o777],
      [dir, 0o770],
      [home, 0o777],
    ] as const) {
      chmodSync(path, mode);
      const group = process.getgid?.() === process.getuid?.() && !isRoot && (mode & 0o002) === 0;
      if (!group)
        expect(() => ensureDir(dir)).toThrow(`${path} may be written by others (mode 0${mode.toString(8)})`);
      chmodSync(path, 0o700);
    }
    expect(ensureDir(dir)).toBe(dir);
  });

  it('is fine in a sticky directory such as /tmp, and behind a link that is safe', () => {
    symlinkSync(home, `${home}/link`);
    expect(ensureDir(`${home}/link`, 'tunesmith')).toBe(`${home}/link/tunesmith`);
  });

  it('may be a link of ours, to a directory that is ours as well', () => {
    mkdirSync(join(home, 'elsewhere'), { mode: 0o700 });
    symlinkSync(join(home, 'elsewhere'), join(home, 'tunesmith'));
    expect(ensureDir(stateDir())).toBe(join(home, 'tunesmith'));
    chmodSync(join(home, 'elsewhere'), 0o777);
    expect(() => ensureDir(stateDir())).toThrow('elsewhere may be written by others');
    rmSync(join(home, 'tunesmith'));
    symlinkSync('/nowhere', join(home, 'tunesmith'));
    expect(() => ensureDir(stateDir())).toThrow('cannot');
  });
});

describe('a file of ours', () => {
  it('is no link, no pipe, and written by nobody else', () => {
    const dir = ensureDir(home, 'tunesmith');
    symlinkSync('/etc/passwd', join(dir, 'link.sqlite'));
    execFileSync('mkfifo', [join(dir, 'pipe.sqlite')]);
    chmodSync(planted(join(dir, 'wide.sqlite'), ''), 0o666);
    expect(() => openDatabase(join(dir, 'link.sqlite'))).toThrow('is a symbolic link');
    expect(() => openDatabase(join(dir, 'pipe.sqlite'))).toThrow('is no regular file');
    expect(() => openDatabase(join(dir, 'wide.sqlite'))).toThrow('may be written by others (mode 0666)');
  });

  it('holds for what SQLite keeps beside a database', () => {
    const dir = ensureDir(home, 'tunesmith');
    openDatabase(join(dir, 'a.sqlite')).close();
    symlinkSync('/etc/passwd', join(dir, 'a.sqlite-wal'));
    expect(() => openDatabase(join(dir, 'a.sqlite'))).toThrow('a.sqlite-wal is a symbolic link');
  });

  it('is read as a secret only if nobody else may read it', () => {
    const { path, secret } = ownSecret('mcp.token');
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    chmodSync(path, 0o640);
    expect(() => ownSecret('mcp.token')).toThrow('may be read by others (mode 0640)');
    chmodSync(path, 0o600);
    symlinkSync(path, join(home, 'given'));
    expect(readSecret(join(home, 'given')).trim()).toBe(secret);
    rmSync(path);
    symlinkSync('/etc/hostname', path);
    expect(() => ownSecret('mcp.token')).toThrow('is a symbolic link');
  });

  it('holds for the ledger', () => {
    const dir = join(home, 'tunesmith/ledger');
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    execFileSync('mkfifo', [join(dir, 'ledger-000001.jsonl')]);
    using ledger = new Ledger({ dir });
    expect(() => ledger.append({ kind: 'test' })).toThrow('is no regular file');
  });
});
