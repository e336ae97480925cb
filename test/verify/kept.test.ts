import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { cacheDir } from '../../src/state.js';
import { kernelTypes } from '../../src/verify/compile/types.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { scratchCache } from '../lab/scratch.js';
import { listening } from '../lab/stderr.js';

scratchCache();

const SOURCE = readFileSync('policies/fifo/policy.bpf.c', 'utf8');
const flip = (path: string): void => {
  const bytes = readFileSync(path);
  bytes.writeUInt8((bytes[bytes.length >> 1] ?? 0) ^ 1, bytes.length >> 1);
  writeFileSync(path, bytes);
};

describe('what is kept of a compilation', () => {
  it.each([
    ['changed', flip],
    ['cut off', (path: string) => truncateSync(path, 1000)],
    ['emptied', (path: string) => truncateSync(path, 0)],
    ['added to', (path: string) => appendFileSync(path, 'more')],
  ])('is made again when the object was %s', async (_, damage) => {
    const kernel = await resolveKernel('scx');
    const first = await compilePolicy({ source: SOURCE, kernel });
    const { path, sha256 } = first.object ?? expect.fail(JSON.stringify(first.verdict));
    const good = readFileSync(path);
    expect((await compilePolicy({ source: SOURCE, kernel })).object).toEqual({ path, sha256 });
    damage(path);
    const said = listening();
    expect((await compilePolicy({ source: SOURCE, kernel })).object).toEqual({ path, sha256 });
    expect(said()).toContain(`policy object ${path}: it was damaged; it is made again`);
    expect(readFileSync(path).equals(good)).toBe(true);
  });

  it.each([
    ['changed', flip],
    ['cut off', (path: string) => truncateSync(path, 100_000)],
    ['added to', (path: string) => appendFileSync(path, '#error planted\n')],
  ])('is made again when vmlinux.h was %s', async (_, damage) => {
    const kernel = await resolveKernel('scx');
    const { dir } = await kernelTypes(kernel);
    const file = join(dir, 'vmlinux.h');
    const good = readFileSync(file);
    damage(file);
    const said = listening();
    expect((await kernelTypes(kernel)).dir).toBe(dir);
    expect(said()).toContain(`kernel types ${dir}: it was damaged; it is made again`);
    expect(readFileSync(file).equals(good)).toBe(true);
    expect(readdirSync(join(cacheDir(), 'types'))).toHaveLength(1);
  });
});
