import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as apt from '../../src/apt.js';
import { missingLibraries } from '../../src/setup/libraries.js';
import { cacheDir } from '../../src/state.js';
import { tree } from '../host/fixture.js';

// Needs Debian and a mirror that answers; elsewhere these tests are skipped. The lists live in a cache of their own.
const before = process.env.XDG_CACHE_HOME;
const cache = mkdtempSync(join(tmpdir(), 'tunesmith-apt-'));
process.env.XDG_CACHE_HOME = cache;
afterAll(() => {
  rmSync(cache, { recursive: true });
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
});

const codename = apt.debianCodename() ?? 'none';
const suites = [codename];
const online = await apt.versions(suites, 'rt-tests').then(
  () => true,
  (error: Error) => {
    if (codename === 'none' || error.message.startsWith('cannot fetch the package lists')) return false;
    throw error;
  },
);
const live = test.skipIf(!online);
const SYSTEM = ['/var/lib/apt/lists', '/etc/apt/sources.list.d'];
const stamps = () => SYSTEM.filter((path) => existsSync(path)).map((path) => statSync(path).mtimeMs);

live('a private list answers, and the system’s own is as before', async () => {
  const untouched = stamps();
  const found = await apt.search(suites, '^rt-tests$');
  expect(found[0]).toMatchObject({ package: 'rt-tests', suite: codename });
  expect(await apt.versions(suites, 'rt-tests')).toEqual(found);
  expect(stamps()).toEqual(untouched);
});

live('what is fetched is what the archive says it is, and unpacks', async () => {
  const directory = tree();
  const { Version: version, SHA256: sha256 } = await apt.show(suites, 'rt-tests');
  const deb = await apt.download(suites, `rt-tests=${version}`, directory);
  expect(createHash('sha256').update(readFileSync(deb)).digest('hex')).toBe(sha256);
  await apt.unpack(deb, join(directory, 'root'));
  expect(existsSync(join(directory, 'root/usr/bin/hackbench'))).toBe(true);
  await expect(apt.unpack(join(directory, 'root/usr/bin/hackbench'), directory)).rejects.toThrow(
    'cannot unpack',
  );
});

live('what is not there is said to be in none of the suites', async () => {
  expect(await apt.versions(suites, 'no-such-package')).toEqual([]);
  await expect(apt.show(suites, 'no-such-package')).rejects.toThrow(
    `no-such-package is in none of ${codename}`,
  );
  await expect(apt.download(suites, 'rt-tests=0.0', tree())).rejects.toMatchObject({ code: 'incapable' });
});

live('a list that is an hour old is fetched again, a younger one is not', async () => {
  const stamp = join(cacheDir(), 'apt', codename, 'refreshed');
  await apt.versions(suites, 'rt-tests');
  const young = statSync(stamp).mtimeMs;
  await apt.versions(suites, 'rt-tests');
  expect(statSync(stamp).mtimeMs).toBe(young);
  utimesSync(stamp, new Date(0), new Date(0));
  await apt.versions(suites, 'rt-tests');
  expect(statSync(stamp).mtimeMs).toBeGreaterThanOrEqual(young);
});

live('a suite that does not exist is one clear message', async () => {
  const asked = apt.versions(['no-such-suite'], 'rt-tests');
  await expect(asked).rejects.toThrow(/cannot fetch the package lists of no-such-suite: E: /);
});

test.skipIf(codename === 'none')('versions of installed packages are dpkg’s', async () => {
  expect(await apt.installedVersion('dpkg')).toMatch(/^\d/);
  expect(await apt.installedVersion('no-such-package')).toBeUndefined();
  expect(await apt.candidateVersion('no-such-package')).toBeUndefined();
});

test('libraries a program lacks are named', async () => {
  expect(await missingLibraries(process.execPath, tree())).toEqual([]);
  const ldd = await missingLibraries('/etc/passwd', tree());
  expect(ldd).toEqual([]);
});
