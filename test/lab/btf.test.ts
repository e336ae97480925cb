import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { elfSection, isBtf, kernelBtf } from '../../src/lab/kernels/btf.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { tree } from '../host/fixture.js';
import { filesIn, scratchCache } from './scratch.js';
import { listening } from './stderr.js';

const cache = scratchCache();
const SLOW = 900_000; // the kernel may have to be fetched first

it('finds a section of an ELF file by its whole name', () => {
  const elf = readFileSync(process.execPath);
  expect(elfSection(elf, '.interp')?.toString()).toBe('/lib64/ld-linux-x86-64.so.2\0');
  expect(elfSection(elf, '.inter')).toBeNull();
  expect(elfSection(elf, '.BTF')).toBeNull();
});

it('finds nothing in what is no ELF file, or half of one', () => {
  expect(elfSection(Buffer.from('#!/bin/sh\n'.repeat(20)), '.BTF')).toBeNull();
  expect(elfSection(Buffer.alloc(0), '.BTF')).toBeNull();
  expect(elfSection(readFileSync(process.execPath).subarray(0, 4096), '.interp')).toBeNull();
});

it(
  'takes a kernel’s types from its image once, and again when they are damaged',
  async () => {
    const kernel = await resolveKernel('eevdf');
    const path = await kernelBtf(kernel);
    const bytes = readFileSync(path);
    const name = `${kernel.sha256}-${createHash('sha256').update(bytes).digest('hex')}.btf`;
    expect(filesIn(cache)).toEqual(['btf', `btf/${name}`]);
    expect(isBtf(bytes)).toBe(true);
    expect([isBtf(bytes.subarray(0, -1)), isBtf(bytes.subarray(1)), isBtf(Buffer.alloc(0))]).toEqual([
      false,
      false,
      false,
    ]);
    expect(await kernelBtf(kernel)).toBe(path);

    truncateSync(path, 1000);
    const said = listening();
    expect(await kernelBtf(kernel)).toBe(path);
    expect(said()).toMatch(/it was damaged; it is made again/);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  },
  SLOW,
);

it('says so when a kernel has none', async () => {
  const vmlinuz = join(tree(), 'vmlinuz');
  writeFileSync(vmlinuz, Buffer.alloc(4096));
  await expect(kernelBtf({ release: '6.18-x', vmlinuz, sha256: 'f'.repeat(64) })).rejects.toMatchObject({
    code: 'incapable',
    message: 'lab kernel 6.18-x has no types (BTF), or cannot be unpacked',
  });
});
