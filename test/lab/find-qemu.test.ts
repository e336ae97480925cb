import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findQemu, MIN_QEMU } from '../../src/lab/find-qemu.js';
import { tree } from '../host/fixture.js';

/** A program that only knows its version, or whatever else it says. */
function fake(body: string): string {
  const path = join(tree({ qemu: `#!/bin/sh\n${body}\n` }), 'qemu');
  chmodSync(path, 0o755);
  return path;
}

const versioned = (version: string) =>
  fake(`echo 'QEMU emulator version ${version}'; echo 'Copyright (c) 2003-2024 the QEMU Project developers'`);

it.each(['7.2.17 (Debian 1:7.2+dfsg-7+deb12u13)', '8.1.5', '2.0'])('%s is too old', async (version) => {
  await expect(findQemu('x64', versioned(version))).rejects.toMatchObject({
    code: 'incapable',
    exitCode: 3,
    message: `QEMU ${version} is too old for the lab: it needs ${MIN_QEMU}`,
    hint: expect.stringContaining('npm run setup'),
  });
});

it.each(['8.2.0', '10.0.2 (Debian 1:10.0.2+ds-2~bpo12+1)', '11.0.50'])('%s will do', async (version) => {
  const path = versioned(version);
  expect(await findQemu('x64', path)).toEqual({ path, version });
});

it.each([
  ['is not there', () => '/nowhere/qemu'],
  ['says nothing', () => fake('exit 0')],
  ['crashes', () => fake('kill -SEGV $$')],
  ['says something else', () => fake('echo hello')],
])('one that %s is not installed', async (_, make) => {
  const path = make();
  await expect(findQemu('x64', path)).rejects.toMatchObject({
    code: 'incapable',
    message: `QEMU (${path}) is not installed`,
    hint: expect.stringContaining('npm run setup'),
  });
});

it('one that is ended from outside says nothing of itself', async () => {
  await expect(findQemu('x64', fake('kill -KILL $$'))).rejects.toMatchObject({ code: 'machine' });
});

it('this machine’s own fits, and is known by its package’s revision', async () => {
  expect((await findQemu()).version).toMatch(/^\d+\.\d+\.\d+/);
});

it('for arm64 guests is another program', async () => {
  expect((await findQemu('arm64')).path).toBe('qemu-system-aarch64');
});
