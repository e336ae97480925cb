import { expect, test } from 'vitest';
import { probeCgroup } from '../../src/host/probes/cgroup.js';
import { debugfsRow, probeDebugfs } from '../../src/host/probes/debugfs.js';
import { mounts } from '../../src/host/probes/mounts.js';
import { machine, tree } from './fixture.js';

const MOUNTS = 'proc/self/mounts';
const DEBUGFS = 'debugfs /sys/kernel/debug debugfs rw 0 0\n';

const debugfs = async (files: Record<string, string>) => (await probeDebugfs(machine(files)))[0];

test('a knob that opens both ways is ok, and keeps its value', async () => {
  for (const knob of ['base_slice_ns', 'latency_ns']) {
    const files = { [MOUNTS]: DEBUGFS, [`sys/kernel/debug/sched/${knob}`]: '3000000\n' };
    expect(await debugfs(files)).toMatchObject({
      state: 'ok',
      found: `sched/${knob} can be read and written`,
    });
  }
});

test('debugfs somewhere else is found there', async () => {
  const files = { [MOUNTS]: 'none /my\\040debug debugfs rw 0 0\n', 'my debug/sched/base_slice_ns': '1\n' };
  expect((await debugfs(files))?.state).toBe('ok');
});

test('not mounted, and mounted without knobs', async () => {
  const knob = { 'sys/kernel/debug/sched/base_slice_ns': '1\n' };
  expect(await debugfs({ [MOUNTS]: '', ...knob })).toMatchObject({
    state: 'missing',
    found: 'debugfs is not mounted',
  });
  expect(await debugfs({ [MOUNTS]: DEBUGFS })).toMatchObject({ found: expect.stringContaining('no knob') });
});

test('a knob that cannot be opened is missing, with the kernel’s word for it', async () => {
  const files = { [MOUNTS]: DEBUGFS, 'sys/kernel/debug/sched/base_slice_ns/': '' };
  expect(await debugfs(files)).toMatchObject({
    state: 'missing',
    found: 'sched/base_slice_ns is refused (EISDIR)',
  });
});

test('EPERM is put down to lockdown, EACCES to privilege', () => {
  const seen = { mounted: true, knob: 'base_slice_ns', read: '', write: '' };
  expect(debugfsRow({ ...seen, read: 'EPERM', write: 'EPERM' })).toMatchObject({
    state: 'missing',
    fix: expect.stringContaining('lockdown'),
  });
  expect(debugfsRow({ ...seen, write: 'EACCES' })).toMatchObject({
    state: 'degraded',
    fix: 'run tunesmith as root',
  });
});

const V2 = 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n';
const UNIFIED = 'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n';
const V1_CPU = 'cgroup /sys/fs/cgroup/cpu cgroup rw,cpu,cpuacct 0 0\n';
const V1_MEMORY = 'cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n';

test.each([
  ['v2 with cpu', V2, 'cpuset cpu io\n', 'ok', 'v2, cpu controller in v2'],
  ['v2 without cpu', V2, 'io\n', 'degraded', 'v2, no cpu controller'],
  [
    'hybrid, cpu in v1',
    V1_CPU + UNIFIED,
    '',
    'degraded',
    'hybrid, cpu controller in v1 at /sys/fs/cgroup/cpu',
  ],
  ['hybrid, cpu in v2', V1_MEMORY + UNIFIED, 'cpu\n', 'ok', 'hybrid, cpu controller in v2'],
  ['v1', V1_CPU + V1_MEMORY, '', 'degraded', 'v1, cpu controller in v1 at /sys/fs/cgroup/cpu'],
  ['v1 without cpu', V1_MEMORY, '', 'degraded', 'v1, no cpu controller'],
  ['none', '', '', 'missing', 'none mounted'],
])('cgroup %s', async (_, lines, controllers, state, found) => {
  const at = lines.includes('unified') ? 'sys/fs/cgroup/unified' : 'sys/fs/cgroup';
  const files = { [MOUNTS]: lines, [`${at}/cgroup.controllers`]: controllers };
  expect((await probeCgroup(machine(files)))[0]).toMatchObject({ state, found });
});

test('a cpu controller in v1 is said to set weights, as change stage does', async () => {
  const [row] = await probeCgroup(machine({ [MOUNTS]: V1_CPU + UNIFIED }));
  expect(row?.cost).toContain('cpu_weight is set through cpu.shares');
  const [none] = await probeCgroup(machine({ [MOUNTS]: V1_MEMORY }));
  expect(none?.cost).toContain('cannot be limited to a cgroup by CPU weight');
});

test('mounts that make no sense are passed over', () => {
  expect(mounts(tree({ [MOUNTS]: 'one\n\ntwo words\na /b c\n' }))).toEqual([
    { where: '/b', type: 'c', options: [''] },
  ]);
  expect(mounts(tree())).toEqual([]);
});
