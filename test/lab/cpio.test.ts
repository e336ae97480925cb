import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileEntry, libraryClosure, treeEntries, withDirectories } from '../../src/lab/closure.js';
import { cpioArchive, type Entry } from '../../src/lab/cpio.js';
import { baseEntries, programEntries, storeImage } from '../../src/lab/image.js';
import { SLICE } from '../../src/state/hash.js';
import { keptName } from '../../src/state/kept.js';
import { tree } from '../host/fixture.js';
import { filesIn, scratchCache } from './scratch.js';
import { listening } from './stderr.js';
import { turnsDuring } from './turns.js';

const cache = scratchCache(['kernels']);

const file = (path: string, body: string, mode = 0o644): Entry => ({
  kind: 'file',
  path,
  mode,
  body: Buffer.from(body),
});
const ENTRIES: Entry[] = [
  file('etc/passwd', 'root:x:0:0'),
  file('/init', '#!/bin/sh\n', 0o755),
  { kind: 'link', path: 'bin/sh', to: 'dash' },
  { kind: 'dir', path: 'proc', mode: 0o555 },
  file('usr/share/odd', 'abc'),
];

/** Names, modes and bodies as newc fields say them, read independently of the writer. */
function unpack(archive: Buffer) {
  const entries: { name: string; mode: number; mtime: number; body: string }[] = [];
  for (let at = 0; ; ) {
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const field = (index: number) =>
      Number.parseInt(archive.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const name = archive.toString('latin1', at + 110, at + 110 + field(11) - 1);
    if (name === 'TRAILER!!!') return entries;
    const body = at + Math.ceil((110 + field(11)) / 4) * 4;
    const text = archive.toString('latin1', body, body + field(6));
    entries.push({ name, mode: field(1), mtime: field(5), body: text });
    at = body + Math.ceil(field(6) / 4) * 4;
  }
}

/** The same three files, made in the given order with the given times and umask. */
function folder(names: readonly string[], seconds: number, mode: number): string {
  const root = tree();
  mkdirSync(join(root, 'sub'));
  for (const name of names) {
    writeFileSync(join(root, name), `body of ${name}`);
    chmodSync(join(root, name), mode);
    utimesSync(join(root, name), seconds, seconds);
  }
  symlinkSync('b', join(root, 'link'));
  return root;
}

describe('an archive', () => {
  it('holds what went in, owned by nobody in particular and of no time', async () => {
    const archive = await cpioArchive(withDirectories(ENTRIES));
    expect(archive.length % 512).toBe(0);
    const entries = unpack(archive);
    expect(entries.map(({ name }) => name)).toEqual([
      ...['bin', 'etc', 'usr', 'usr/share'],
      ...['bin/sh', 'etc/passwd', 'init', 'proc', 'usr/share/odd'],
    ]);
    const of = (wanted: string) => entries.find(({ name }) => name === wanted);
    expect(of('init')).toEqual({ name: 'init', mode: 0o100755, mtime: 0, body: '#!/bin/sh\n' });
    expect(of('bin/sh')).toEqual({ name: 'bin/sh', mode: 0o120777, mtime: 0, body: 'dash' });
    expect(of('proc')?.mode).toBe(0o040555);
  });

  it('has the same bytes whatever the order of its entries', async () => {
    const forwards = await cpioArchive(withDirectories(ENTRIES));
    expect(await cpioArchive(withDirectories([...ENTRIES].reverse()))).toEqual(forwards);
    const other = ENTRIES.map((entry) => (entry.path === 'etc/passwd' ? file(entry.path, 'x') : entry));
    expect(await cpioArchive(withDirectories(other))).not.toEqual(forwards);
  });

  it('has the same bytes whatever the times, umask and order in which its files were made', async () => {
    const names = ['a', 'b', 'sub/c'];
    const [one, two] = [folder(names, 1e9, 0o644), folder([...names].reverse(), 1.7e9, 0o600)];
    const archive = (root: string) => cpioArchive(withDirectories(treeEntries(root, '/data')));
    expect(await archive(two)).toEqual(await archive(one));
    chmodSync(join(two, 'b'), 0o711);
    expect(await archive(two)).not.toEqual(await archive(one));
  });

  it('follows a link to a file, and leaves out one that leads nowhere', () => {
    const root = folder(['a', 'b', 'sub/c'], 1e9, 0o755);
    symlinkSync('nowhere', join(root, 'dangling'));
    expect(fileEntry({ source: join(root, 'link'), path: '/x' })).toMatchObject({
      kind: 'file',
      mode: 0o755,
    });
    expect(treeEntries(root, '/d').map(({ path }) => path)).toEqual(['/d/a', '/d/b', '/d/link', '/d/sub/c']);
  });
});

describe('an image', () => {
  it('is stored under its hash, once, with nothing half-written beside it', async () => {
    const agent = join(tree({ agent: 'not really one' }), 'agent');
    const image = await storeImage(baseEntries(agent));
    const again = await storeImage(baseEntries(agent).reverse());
    expect(again).toEqual(image);
    expect(readFileSync(image.path)).toHaveLength(image.bytes);
    expect(execFileSync('sha256sum', [image.path], { encoding: 'utf8' }).slice(0, 64)).toBe(image.sha256);
    expect(filesIn(join(cache, 'images'))).toEqual([`${image.sha256}.cpio`]);
  });

  it.each([
    ['truncated', (bytes: Buffer) => bytes.subarray(0, 1000)],
    [
      'changed in one bit',
      (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === 700 ? byte ^ 1 : byte))),
    ],
  ])('is written again when the stored one is %s', async (_, damage) => {
    const image = await storeImage(ENTRIES);
    const good = readFileSync(image.path);
    writeFileSync(image.path, damage(good));
    const said = listening();
    expect(await storeImage(ENTRIES)).toEqual(image);
    expect(readFileSync(image.path).equals(good)).toBe(true);
    expect(said()).toBe(`lab image ${image.path}: it was damaged; it is written again\n`);
  });

  it('has its entries’ bytes, then those of its segments, whatever the slices they are written in', async () => {
    const large = Buffer.alloc(2.5 * SLICE, 'large');
    const root = tree({ segment: `head${'body'.repeat(SLICE / 2)}` });
    writeFileSync(join(root, 'large'), large);
    const entries: Entry[] = [...ENTRIES, fileEntry({ source: join(root, 'large'), path: 'large' })];
    const image = await storeImage(entries, [{ source: join(root, 'segment'), start: 4 }]);
    const inMemory: Entry[] = [...ENTRIES, { kind: 'file', path: 'large', mode: 0o644, body: large }];
    const archive = await cpioArchive(withDirectories(inMemory));
    const whole = Buffer.concat([archive, Buffer.from('body'.repeat(SLICE / 2))]);
    expect(readFileSync(image.path).equals(whole)).toBe(true);
    expect(image).toMatchObject({ bytes: whole.length, sha256: keptName('', whole).slice(1) });
  });

  it('is hashed, stored and found again with a turn for others after every slice', async () => {
    const slices = 40;
    const path = join(tree(), 'large');
    writeFileSync(path, Buffer.alloc(slices * SLICE, 'x'));
    const entries = [fileEntry({ source: path, path: 'large' })];
    expect(await turnsDuring(() => storeImage(entries))).toBeGreaterThan(slices);
    expect(await turnsDuring(() => storeImage(entries))).toBeGreaterThan(slices);
  });

  it('carries the shared libraries of a program, and its loader', async () => {
    const paths = (await libraryClosure('/bin/ls')).map(({ path }) => path);
    expect(paths.some((path) => path.includes('libc.so'))).toBe(true);
    expect(paths.some((path) => path.includes('ld-linux'))).toBe(true);
    const entries = await programEntries(['/bin/ls'], ['coreutils']);
    expect(entries.map(({ path }) => path)).toEqual(['/bin/ls', ...paths]);
  });

  it('says which program this machine lacks, and the package that has it', async () => {
    await expect(programEntries(['/usr/bin/no-such-load'], ['some-load'])).rejects.toMatchObject({
      code: 'incapable',
      message: expect.stringContaining('/usr/bin/no-such-load'),
      hint: expect.stringContaining('install some-load'),
    });
  });
});
