import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { privateList } from '../../src/apt/list.js';
import { mirrorsOf, parseIndexTargets, sourcesList } from '../../src/apt/sources.js';
import { aptReason, parseFields, parseMadison } from '../../src/apt/text.js';
import { debianCodename } from '../../src/apt.js';
import { tree } from '../host/fixture.js';

const TARGETS = `
http://mirror.example/debian/|bookworm|stable|DEP-11
http://mirror.example/debian/|bookworm|stable|Packages
http://mirror.example/debian/|bookworm-updates|bookworm-updates|Packages
http://safe.example/debian-security/|bookworm-security|bookworm-security|Packages
http://other.example/tools/||tools|Packages
`;
const only = (uri: string) => [{ uri, codename: 'bookworm' }];

test('the configured package lists, and nothing else, are read', () => {
  expect(parseIndexTargets(TARGETS).map(({ codename }) => codename)).toEqual([
    ...['bookworm', 'bookworm-updates', 'bookworm-security', 'tools'],
  ]);
  expect(parseIndexTargets('')).toEqual([]);
});

test('mirrors are those of the administrator', () => {
  expect(mirrorsOf(parseIndexTargets(TARGETS), 'bookworm')).toEqual({
    archive: 'http://mirror.example/debian/',
    security: 'http://safe.example/debian-security/',
  });
  expect(() => mirrorsOf(parseIndexTargets(TARGETS), 'trixie')).toThrow('no mirror for Debian trixie');
});

test.each([
  ['http://m.example/debian/', 'http://m.example/debian-security/'],
  ['http://debian.example/pub/debian', 'http://debian.example/pub/debian-security'],
  [
    'http://m.example/archive/debian/20260101T000000Z/',
    'http://m.example/archive/debian-security/20260101T000000Z/',
  ],
  ['mirror+file:/etc/apt/mirrors/debian.list', 'mirror+file:/etc/apt/mirrors/debian-security.list'],
  ['http://debian.example/pub/linux/', 'http://debian.example/pub/debian-security/'],
])('security updates beside %s', (archive, security) => {
  expect(mirrorsOf(only(archive), 'bookworm')).toEqual({ archive, security });
});

test('a private list has one signed line a suite', () => {
  const mirrors = mirrorsOf(parseIndexTargets(TARGETS), 'bookworm');
  expect(sourcesList(['bookworm-backports', 'trixie-security'], mirrors, '/keys.gpg')).toBe(
    'deb [signed-by=/keys.gpg target=Packages lang=none] http://mirror.example/debian/ bookworm-backports main\n' +
      'deb [signed-by=/keys.gpg target=Packages lang=none] http://safe.example/debian-security/ trixie-security main\n',
  );
  expect(sourcesList(['trixie'], mirrors)).toBe(
    'deb [target=Packages lang=none] http://mirror.example/debian/ trixie main\n',
  );
});

test('a suite that would smuggle something into the list is refused', () => {
  for (const suite of ['', 'a b', 'a\ndeb http://evil.example/ x', '../x', '-x'])
    expect(() => sourcesList([suite], { archive: 'a', security: 'b' })).toThrow(
      'is not the name of a Debian suite',
    );
});

test('madison’s table', () => {
  const text = `
 rt-tests |    2.6-1.1 | http://mirror.example/debian trixie/main amd64 Packages
 rt-tests |      2.4-1 | http://mirror.example/debian bookworm/main amd64 Packages
 rt-tests |      2.4-1 | http://mirror.example/debian bookworm/main Sources
N: Unable to locate package nope
`;
  expect(parseMadison(text)).toEqual([
    { package: 'rt-tests', version: '2.6-1.1', suite: 'trixie' },
    { package: 'rt-tests', version: '2.4-1', suite: 'bookworm' },
  ]);
});

test('control fields of the first stanza', () => {
  expect(parseFields('Package: a\nVersion: 1:2\nDescription: x\n more\nEmpty:\n\nPackage: b\n')).toEqual({
    ...{ Package: 'a', Version: '1:2', Description: 'x', Empty: '' },
  });
  expect(parseFields('')).toEqual({});
});

test('what apt said is cut down to its errors', () => {
  expect(aptReason({ stderr: 'W: slow\nE: No space left\n' })).toBe('E: No space left');
  expect(aptReason({ stderr: 'odd\nlast\n\n' })).toBe('last');
  expect(aptReason({ stderr: '', shortMessage: 'spawn apt-get ENOENT' })).toBe('spawn apt-get ENOENT');
});

test('the release is known on Debian alone', () => {
  const root = tree({
    debian: 'ID=debian\nVERSION_CODENAME=bookworm\n',
    quoted: 'ID="debian"\nVERSION_CODENAME="trixie"\n',
    other: 'ID=other\nID_LIKE=debian\nVERSION_CODENAME=jolly\n',
  });
  const codename = (name: string) => debianCodename(join(root, name));
  expect(['debian', 'quoted', 'other', 'none'].map(codename)).toEqual([
    'bookworm',
    'trixie',
    undefined,
    undefined,
  ]);
});

test('a private list takes no package that nobody signed, whatever the machine’s configuration says', async () => {
  const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const { execa } = await import('execa');
  const home = mkdtempSync(join(tmpdir(), 'tunesmith-apt-'));
  vi.stubEnv('XDG_CACHE_HOME', home);
  const config = join(home, 'apt.conf');
  const names = [
    'Acquire::AllowInsecureRepositories',
    'Acquire::AllowWeakRepositories',
    'APT::Get::AllowUnauthenticated',
  ];
  writeFileSync(config, names.map((name) => `${name} "true";\n`).join(''));
  const { options } = privateList(['trixie']);
  const { stdout } = await execa('apt-config', ['dump', ...options], { env: { APT_CONFIG: config } });
  for (const name of [...names, 'Acquire::AllowDowngradeToInsecureRepositories'])
    expect(stdout).toContain(`${name} "false";`);
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});
