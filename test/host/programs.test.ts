import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { probeBuild } from '../../src/host/probes/build.js';
import { probeKernels } from '../../src/host/probes/kernels.js';
import { probeKvm } from '../../src/host/probes/kvm.js';
import { probePrograms } from '../../src/host/probes/programs.js';
import { probeQemu } from '../../src/host/probes/qemu.js';
import { findClang, probeTools } from '../../src/host/probes/tools.js';
import { machine } from './fixture.js';

const qemu = (version: string) => ({
  'qemu-system-x86_64': `echo "QEMU emulator version ${version} (Debian)"`,
});

test.each([
  ['10.0.2', 'ok', '10.0.2'],
  ['8.2.0', 'ok', '8.2.0'],
  ['7.2.22', 'missing', '7.2.22, older than 8.2'],
])('QEMU %s is %s', async (version, state, found) => {
  expect((await probeQemu(machine({}, qemu(version))))[0]).toMatchObject({ required: true, state, found });
});

test('no QEMU, and one that fails, are both missing', async () => {
  expect((await probeQemu(machine()))[0]).toMatchObject({ state: 'missing', found: 'no qemu-system-x86_64' });
  const broken = machine({}, { 'qemu-system-x86_64': 'exit 127' });
  expect((await probeQemu(broken))[0]?.state).toBe('missing');
});

const kvm = async (script: string | undefined) => {
  const programs: Record<string, string> = script === undefined ? {} : { 'qemu-system-x86_64': script };
  return (await probeKvm(machine({ 'dev/kvm': '' }, programs)))[0];
};

test('KVM counts only when a guest has run', async () => {
  expect(await kvm('exit 33')).toMatchObject({ state: 'ok' });
  expect(await kvm('test "$(wc -c < rom)" = 65536 && exit 33')).toMatchObject({ state: 'ok' });
  expect((await probeKvm(machine()))[0]).toMatchObject({ state: 'missing', found: 'no /dev/kvm' });
  expect((await kvm(undefined))?.found).toMatch('not tried');
});

test('KVM that exists and does not work is degraded, with QEMU’s reason', async () => {
  const aborts = await kvm('echo "qemu-system-x86_64: error: failed to set MSR 0x10a" >&2; kill -ABRT $$');
  expect(aborts).toMatchObject({
    state: 'degraded',
    found: expect.stringMatching(/: error: failed to set MSR 0x10a$/),
  });
  expect((await kvm('exit 1'))?.found).toMatch('exit 1');
  expect((await kvm('exec sleep 30'))?.found).toMatch('it hangs');
});

test('a /dev/kvm that is no device is refused', async () => {
  expect((await probeKvm(machine({ 'dev/kvm/': '' })))[0]).toMatchObject({
    state: 'degraded',
    found: '/dev/kvm is refused (EISDIR)',
  });
});

const clang = (version: string) => `echo "Debian clang version ${version} (1~deb12u1)"`;

test('the newest clang is taken, whatever its name', async () => {
  const { run } = machine(
    {},
    { clang: clang('14.0.6'), 'clang-19': clang('19.1.7'), 'clang-17': clang('17.0.6') },
  );
  expect(await findClang(run)).toEqual({ program: 'clang-19', version: '19.1.7' });
  const plain = machine({}, { clang: clang('21.1.0'), 'clang-19': clang('19.1.7') });
  expect(await findClang(plain.run)).toEqual({ program: 'clang', version: '21.1.0' });
});

test('clang and bpftool: there, old, not there', async () => {
  const states = async (programs: Record<string, string>) =>
    (await probeTools(machine({}, programs))).map(({ state }) => state);
  expect(await states({ 'clang-19': clang('19.1.7'), bpftool: 'echo bpftool v7.5.0' })).toEqual(['ok', 'ok']);
  expect(await states({ clang: clang('14.0.6') })).toEqual(['degraded', 'missing']);
  expect(await states({})).toEqual(['missing', 'missing']);
});

const kernel = (release: string) => JSON.stringify({ release, package: 'linux-image', sha256: '0' });

test('lab kernels: none, whole, not whole, known to be bad', async () => {
  const row = async (files: Record<string, string>) => (await probeKernels(machine(files)))[0];
  expect(await row({})).toMatchObject({ state: 'degraded', found: 'none in the cache yet' });
  const good = {
    'cache/kernels/6.1.0-56/vmlinuz': 'MZ',
    'cache/kernels/6.1.0-56/kernel.json': kernel('6.1.0-56'),
    // What the newest kernel of each role was found to be: no kernel.
    'cache/kernels/.resolved.json': '{}',
  };
  expect(await row(good)).toMatchObject({ state: 'ok', found: '6.1.0-56' });
  const cut = {
    ...good,
    'cache/kernels/6.18.15/vmlinuz': 'MZ',
    'cache/kernels/6.18.15/kernel.json': '{"rel',
  };
  expect(await row(cut)).toMatchObject({ state: 'degraded', found: '6.1.0-56, 6.18.15 (not whole)' });
  const headless = { 'cache/kernels/6.18.15/kernel.json': kernel('6.18.15') };
  expect(await row(headless)).toMatchObject({ state: 'degraded', found: '6.18.15 (not whole)' });
  const bad = {
    'cache/kernels/b/vmlinuz': 'MZ',
    'cache/kernels/b/kernel.json': kernel('7.2.12+deb13-cloud-amd64'),
  };
  expect(await row(bad)).toMatchObject({
    state: 'degraded',
    cost: expect.stringContaining('scx_bpf_create_dsq'),
  });
});

test('workload programs: the system’s PostgreSQL or the private one will do', async () => {
  const tools = { 'usr/bin/hackbench': '', 'usr/bin/stress-ng': '' };
  const row = async (files: Record<string, string>) => (await probePrograms(machine(files)))[0];
  expect(await row({ ...tools, 'usr/lib/postgresql/17/bin/postgres': '' })).toMatchObject({ state: 'ok' });
  const own = { 'cache/packages/postgresql-15/usr/lib/postgresql/15/bin/postgres': '' };
  expect(await row({ ...tools, ...own })).toMatchObject({ state: 'ok' });
  expect(await row({ 'usr/bin/stress-ng': '' })).toMatchObject({
    state: 'degraded',
    found: 'without rt-tests, postgresql',
  });
});

test('Node, addon, SQLite and agent', async () => {
  const bare = await probeBuild(machine({}, {}, { node: 'v18.20.4' }));
  expect(bare.map(({ state }) => state)).toEqual(['missing', 'missing', 'ok', 'missing']);
  expect(bare.map(({ required }) => required)).toEqual([true, false, true, true]);
  const whole = await probeBuild(machine({}, {}, { node: 'v22.1.0', agent: '/agent' }));
  expect(whole.map(({ state }) => state)).toEqual(['ok', 'missing', 'ok', 'ok']);
});

test('a cache with a stray file among the kernels is no crash', async () => {
  const here = machine();
  mkdirSync(join(here.cache, 'kernels'), { recursive: true });
  writeFileSync(join(here.cache, 'kernels', 'stray'), 'x');
  expect((await probeKernels(here))[0]).toMatchObject({ found: 'stray (not whole)' });
});
