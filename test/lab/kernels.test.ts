import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cachedKernel, cachedKernels, storeKernel } from '../../src/lab/kernels/cache.js';
import { kernelRelease } from '../../src/lab/kernels/image-header.js';
import { firstOf, type LabKernel, listKernels, resolveKernel } from '../../src/lab/kernels/resolve.js';
import {
  compareReleases,
  packagePattern,
  releaseOf,
  schedulerOf,
  suitesOf,
} from '../../src/lab/kernels/spec.js';
import { bootFile } from '../../src/lab/vmlinux.js';
import { SLICE, sha256Of } from '../../src/state/hash.js';
import { cacheDir } from '../../src/state.js';
import { tree } from '../host/fixture.js';
import { filesIn, makeCache, scratchCache } from './scratch.js';
import { listening } from './stderr.js';
import { turnsDuring } from './turns.js';

scratchCache();
let kernel: LabKernel;
beforeAll(async () => {
  kernel = await resolveKernel('eevdf');
});

/** Runs with an empty cache, or one that only borrows what is named. */
async function withCache<T>(
  borrowed: readonly string[],
  work: (cache: string) => T | Promise<T>,
): Promise<T> {
  const before = process.env.XDG_CACHE_HOME;
  const home = tree();
  const cache = makeCache(home, borrowed);
  process.env.XDG_CACHE_HOME = home;
  try {
    return await work(cache);
  } finally {
    process.env.XDG_CACHE_HOME = before;
  }
}

describe('a kernel file', () => {
  it('says its release, which is the one it was fetched as', () => {
    expect(kernelRelease(kernel.vmlinuz)).toBe(kernel.release);
    expect(schedulerOf(kernel.release)).toBe('eevdf');
  });

  it.each([
    [
      'a text',
      () => join(tree({ x: 'vmlinuz\n'.repeat(300) }), 'x'),
      'is not a Linux x86 kernel image (bzImage)',
    ],
    ['an empty file', () => join(tree({ x: '' }), 'x'), 'is not a Linux x86 kernel image (bzImage)'],
    ['an ELF program', () => '/bin/ls', 'is not a Linux x86 kernel image (bzImage)'],
    ['a boot sector', () => bootSector(), 'is not a Linux x86 kernel image (bzImage)'],
    ['a directory', () => tree(), 'cannot be read: not a file'],
    ['nothing', () => '/nowhere/vmlinuz', 'cannot be read: ENOENT'],
    ['the first half of one', () => truncated(0.5), 'is truncated: '],
    ['one without its last byte', () => truncated(0.5, least() - 1), 'is truncated: '],
  ])('that is %s is refused by name', async (_, make, rule) => {
    const path = make();
    await expect(resolveKernel(path)).rejects.toMatchObject({
      code: 'usage',
      exitCode: 2,
      message: expect.stringContaining(`--kernel: ${JSON.stringify(path)} ${rule}`),
      hint: expect.stringContaining('cfs, eevdf, scx, newest'),
    });
  });

  it('may be the user’s own', async () => {
    const path = join(tree(), 'mine');
    copyFileSync(kernel.vmlinuz, path);
    expect(await resolveKernel(path)).toMatchObject({
      ...{ release: kernel.release, scheduler: 'eevdf', sha256: kernel.sha256, vmlinuz: path, package: null },
    });
  });

  const bootSector = () => {
    const bytes = Buffer.alloc(2048);
    bytes.writeUInt16LE(0xaa55, 0x1fe);
    return join(tree({ x: bytes }), 'x');
  };
  const least = () => {
    const bytes = readFileSync(kernel.vmlinuz);
    return ((bytes[0x1f1] ?? 0) + 1) * 512 + bytes.readUInt32LE(0x1f4) * 16;
  };
  const truncated = (part: number, size = Math.floor(least() * part)) => {
    const path = join(tree(), 'vmlinuz');
    copyFileSync(kernel.vmlinuz, path);
    truncateSync(path, size);
    return path;
  };
});

describe('a kernel’s name', () => {
  it.each(['eevfd', 'cffs', '66.18', 'no-such', '../../etc', '6.18; rm -rf'])(
    '%j is unknown',
    async (spec) => {
      await expect(resolveKernel(spec)).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringMatching(/^--kernel: /),
        hint: expect.stringMatching(/did you mean|known: |a vmlinuz file/),
      });
    },
  );

  it('that is mistyped gets the near ones', async () => {
    await expect(resolveKernel('eevfd')).rejects.toMatchObject({ hint: expect.stringContaining('eevdf') });
  });

  it('of a series that the archive no longer has falls through to the next, and says so', async () => {
    const said = listening();
    expect(await firstOf(['6.98', '6.97', '6.18'])).toEqual(kernel);
    expect(said()).toContain(`lab kernel: 6.98, 6.97 cannot be had any more; using ${kernel.release}`);
    await expect(firstOf(['6.98', '6.97'])).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('6.98'),
    });
  });

  it('goes on being found in the cache when the archive has it no longer', () =>
    withCache(['apt'], async () => {
      await storeKernel(
        '6.98.3+deb13-cloud-amd64',
        kernel.vmlinuz,
        'linux-image-6.98.3+deb13-cloud-amd64',
        '6.98.3-1',
      );
      const found = { release: '6.98.3+deb13-cloud-amd64', sha256: kernel.sha256 };
      for (const spec of ['6.98', '6.98.3', '6.98.3+deb13-cloud-amd64'])
        expect(await resolveKernel(spec)).toMatchObject(found);
      expect(await firstOf(['6.97', '6.98', '6.18'])).toMatchObject(found);
    }));

  it('stands for what the cache has where the archive cannot be asked', () =>
    withCache([], async () => {
      await storeKernel(
        '6.19.1+deb13-cloud-amd64',
        kernel.vmlinuz,
        'linux-binary-6.19.1+deb13-cloud-amd64',
        '1',
      );
      const path = process.env.PATH;
      process.env.PATH = '/nowhere';
      try {
        expect(await resolveKernel('scx')).toMatchObject({ release: '6.19.1+deb13-cloud-amd64' });
        await expect(resolveKernel('cfs')).rejects.toMatchObject({ code: 'incapable' });
      } finally {
        process.env.PATH = path;
      }
      expect((await listKernels()).roles.find(({ role }) => role === 'eevdf')).toMatchObject({
        ...{ series: '6.19', release: '6.19.1+deb13-cloud-amd64' },
      });
    }));

  it('is read from its package, and says which scheduler and suite it has', () => {
    const names = ['linux-image-6.1.0-56-cloud-amd64', 'linux-binary-unsigned-7.3.4+deb13-cloud-amd64'];
    expect(names.map(releaseOf)).toEqual(['6.1.0-56-cloud-amd64', '7.3.4+deb13-cloud-amd64']);
    expect(new RegExp(packagePattern('6.1')).test(names[0] as string)).toBe(true);
    expect(new RegExp(packagePattern('7.3')).test(names[1] as string)).toBe(true);
    expect(new RegExp(packagePattern('6.1')).test('linux-image-6.1.0-56-cloud-arm64')).toBe(false);
    expect(new RegExp(packagePattern('6.1', 'arm64')).test('linux-image-6.1.0-56-cloud-arm64')).toBe(true);
    expect(new RegExp(packagePattern('6.1')).test('linux-image-6.18.1+deb13-cloud-amd64')).toBe(false);
    expect(['6.1.0-9', '6.5.1', '6.6.0', '7.0.1'].map(schedulerOf)).toEqual(['cfs', 'cfs', 'eevdf', 'eevdf']);
    expect([suitesOf('6.1')[0], suitesOf('6.12')[0], suitesOf('6.18')[0]]).toEqual([
      ...['bookworm', 'bookworm-backports', 'trixie-backports'],
    ]);
    expect(['6.1.0-56', '6.1.0-9', '6.1.0-10'].sort(compareReleases)).toEqual([
      '6.1.0-9',
      '6.1.0-10',
      '6.1.0-56',
    ]);
  });
});

describe('the kernel cache', () => {
  it.each([
    ['truncated', (path: string) => truncateSync(path, 1000), 'its size is wrong'],
    ['changed', (path: string) => writeFileSync(path, 'KERNEL'), 'its checksum is wrong'],
  ])('drops a kernel that was %s, and says so', (_, damage, why) =>
    withCache([], async () => {
      const source = join(tree({ x: 'kernel' }), 'x');
      const release = `6.18.0-${why.includes('size') ? 1 : 2}-test`;
      const dir = join(cacheDir(), 'kernels', release);
      mkdirSync(dir, { recursive: true });
      const entry = {
        release,
        package: 'p',
        packageVersion: '1',
        sha256: await sha256Of(source),
        bytes: 6,
        fetched: '',
      };
      writeFileSync(join(dir, 'kernel.json'), JSON.stringify(entry));
      copyFileSync(source, join(dir, 'vmlinuz'));
      if (why.includes('size')) expect(await cachedKernel(release)).toMatchObject({ sha256: entry.sha256 });
      damage(join(dir, 'vmlinuz'));
      const said = listening();
      expect(await cachedKernel(release)).toBeNull();
      expect(said()).toBe(`lab kernel ${release}: ${why}; it is fetched again\n`);
      expect(existsSync(dir)).toBe(false);
    }),
  );

  it('holds a kernel whole, and nothing else', () =>
    withCache([], async (cache) => {
      const stored = await storeKernel('6.18.0-3-test', kernel.vmlinuz, 'linux-image', '1');
      expect(await sha256Of(stored.vmlinuz)).toBe(kernel.sha256);
      expect(await cachedKernels()).toMatchObject([{ release: '6.18.0-3-test', sha256: kernel.sha256 }]);
      const dir = 'kernels/6.18.0-3-test';
      expect(filesIn(cache)).toEqual([
        'kernels',
        dir,
        `${dir}/config`,
        `${dir}/kernel.json`,
        `${dir}/vmlinuz`,
      ]);
    }));
});

describe('the file to boot', () => {
  const isElf = (path: string) => readFileSync(path).toString('latin1', 0, 4) === '\x7fELF';

  it('is the kernel’s own ELF image, made once', () =>
    withCache([], async (cache) => {
      const path = await bootFile(kernel.vmlinuz);
      expect(isElf(path)).toBe(true);
      expect(await bootFile(kernel.vmlinuz)).toBe(path);
      expect(filesIn(join(cache, 'vmlinux'))).toHaveLength(1);
    }));

  it('is unpacked and hashed with turns for others, and once for all who ask', () =>
    withCache([], async (cache) => {
      const paths: string[] = [];
      const ask = async () =>
        paths.push(...(await Promise.all([1, 2, 3].map(() => bootFile(kernel.vmlinuz)))));
      const made = await turnsDuring(ask);
      const [path = ''] = paths;
      expect(made).toBeGreaterThan(statSync(path).size / SLICE);
      expect(await turnsDuring(() => bootFile(kernel.vmlinuz))).toBeGreaterThan(statSync(path).size / SLICE);
      expect(new Set(paths).size).toBe(1);
      expect(filesIn(join(cache, 'vmlinux'))).toHaveLength(1);
    }));

  it.each([0.02, 0.5, 0.95])('of a kernel cut at %f is the file as it is: no part of an image', (part) =>
    withCache([], async (cache) => {
      const path = join(tree(), 'vmlinuz');
      const bytes = readFileSync(kernel.vmlinuz);
      writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * part)));
      expect(await bootFile(path)).toBe(path);
      expect(filesIn(join(cache, 'vmlinux'))).toEqual([]);
    }),
  );

  it('is extracted again when the cached image was damaged, and says so', () =>
    withCache([], async () => {
      const path = await bootFile(kernel.vmlinuz);
      const good = await sha256Of(path);
      const bytes = readFileSync(path);
      bytes.writeUInt8((bytes[1_000_000] ?? 0) ^ 1, 1_000_000);
      writeFileSync(path, bytes);
      const said = listening();
      expect(await sha256Of(await bootFile(kernel.vmlinuz))).toBe(good);
      expect(said()).toContain('it was damaged');
    }));
});
