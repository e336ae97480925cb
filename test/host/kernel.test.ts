import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { probeKernel } from '../../src/host/probes/kernel.js';
import { probeSchedExt } from '../../src/host/probes/sched-ext.js';
import { machine } from './fixture.js';

const RELEASE = 'proc/sys/kernel/osrelease';
const LOCKDOWN = 'sys/kernel/security/lockdown';

test.each([
  ['6.18.15-cloud-amd64\n', 'ok', '6.18.15-cloud-amd64, EEVDF'],
  ['6.1.0-56-amd64\n', 'ok', '6.1.0-56-amd64, CFS'],
  ['5.10.0-9-amd64\n', 'degraded', '5.10.0-9-amd64'],
])('kernel %j is %s', async (release, state, found) => {
  const [row] = await probeKernel(machine({ [RELEASE]: release }));
  expect(row).toMatchObject({ id: 'kernel', state, found });
});

test('a machine without /proc has no kernel to speak of', async () => {
  expect((await probeKernel(machine()))[0]).toMatchObject({
    state: 'missing',
    found: '/proc is not mounted',
  });
});

test.each([
  ['[none] integrity confidentiality\n', 'ok', 'off'],
  ['none [integrity] confidentiality\n', 'degraded', 'integrity'],
  ['none integrity [confidentiality]\n', 'degraded', 'confidentiality'],
])('lockdown %j is %s', async (text, state, found) => {
  expect((await probeKernel(machine({ [LOCKDOWN]: text })))[1]).toMatchObject({
    id: 'lockdown',
    state,
    found,
  });
});

test('lockdown that cannot be seen is not taken for off', async () => {
  const row = (await probeKernel(machine()))[1];
  expect(row).toMatchObject({ state: 'degraded', fix: expect.stringContaining('mount -t securityfs') });
});

const EXT = 'sys/kernel/sched_ext/state';

test('sched_ext is ok when the kernel has it, and names a running policy', async () => {
  const idle = machine({ [EXT]: 'disabled\n', [RELEASE]: '6.18.15\n' });
  expect((await probeSchedExt(idle))[0]).toMatchObject({ state: 'ok', found: 'disabled' });
  const busy = machine({ [EXT]: 'enabled\n', 'sys/kernel/sched_ext/root/ops': 'rusty\u001b[31m\n' });
  expect((await probeSchedExt(busy))[0]).toMatchObject({
    state: 'ok',
    found: 'enabled, running "rusty\\u001b[31m"',
  });
});

test.each(['7.1.13+deb13-cloud-amd64', '7.2.12+deb13-amd64'])(
  'kernel %s is named for its BTF',
  async (release) => {
    const [row] = await probeSchedExt(machine({ [EXT]: 'disabled\n', [RELEASE]: `${release}\n` }));
    expect(row).toMatchObject({
      state: 'degraded',
      cost: expect.stringContaining(`${release}: policies that create`),
    });
  },
);

test('without sched_ext, the kernel’s configuration says why', async () => {
  const off = '# CONFIG_SCHED_CLASS_EXT is not set\n';
  const found = async (files: Record<string, string | Buffer>) =>
    (await probeSchedExt(machine(files)))[0]?.found;
  const without = 'this kernel was built without CONFIG_SCHED_CLASS_EXT';
  expect(await found({ 'proc/config.gz': gzipSync(off) })).toBe(without);
  expect(await found({ [RELEASE]: '6.9\n', 'boot/config-6.9': off })).toBe(without);
  expect(await found({ 'proc/config.gz': gzipSync('CONFIG_SCHED_CLASS_EXT=y\n') })).toMatch(
    'is /sys mounted?',
  );
  expect(await found({ 'proc/config.gz': 'not gzip' })).toMatch('not in this kernel');
});
