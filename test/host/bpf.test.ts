import { expect, test } from 'vitest';
import { bpfRow, btfRow, capabilityRow, libbpfRow, probeBpf } from '../../src/host/probes/bpf.js';
import { pmuRow, probePmu } from '../../src/host/probes/pmu.js';
import { native } from '../../src/native.js';
import { machine } from './fixture.js';

const good = { ok: true, errno: 0, code: '', reason: '' };
const refused = { ok: false, errno: 1, code: 'EPERM', reason: 'the kernel refuses' };
const both = { bpf: true, perfmon: true, sysAdmin: true };
const library = { major: 1, minor: 4, path: '/lib/libbpf.so.1' };

test('without the addon every row says so and names set-up', async () => {
  const rows = [...(await probeBpf(machine())), ...(await probePmu(machine()))];
  expect(rows.map(({ id }) => id)).toEqual(['btf', 'bpf', 'capabilities', 'libbpf', 'pmu']);
  for (const row of rows)
    expect(row).toMatchObject({ state: 'missing', found: 'cannot tell: not built', fix: 'npm run setup' });
});

test('with the addon, types are looked for under the machine’s root', async () => {
  const header = Buffer.alloc(24);
  header.set([0x9f, 0xeb]);
  const files = { 'sys/kernel/btf/vmlinux': header };
  expect((await probeBpf(machine(files, {}, { native: native() })))[0]?.state).toBe('ok');
  const bare = await probeBpf(machine({}, {}, { native: native() }));
  expect(bare[0]).toMatchObject({
    id: 'btf',
    state: 'missing',
    fix: expect.stringContaining('DEBUG_INFO_BTF'),
  });
  expect(bare).toHaveLength(4);
});

test('BTF', () => {
  expect(btfRow({ ...good, bytes: 5_513_456 })).toMatchObject({ state: 'ok', found: '5.5 MB' });
  expect(btfRow({ ...refused, code: 'EACCES', bytes: 0 })).toMatchObject({
    state: 'missing',
    found: refused.reason,
  });
});

test('BPF says which of the two failed', () => {
  expect(bpfRow({ map: good, program: good }).state).toBe('ok');
  expect(bpfRow({ map: refused, program: refused }).found).toBe(
    'no map can be made (EPERM): the kernel refuses',
  );
  expect(bpfRow({ map: good, program: refused }).found).toBe('no program loads (EPERM): the kernel refuses');
});

test('capabilities name those that lack', () => {
  expect(capabilityRow(both).state).toBe('ok');
  const row = capabilityRow({ ...both, bpf: false, sysAdmin: false });
  expect(row).toMatchObject({ state: 'degraded', found: 'without CAP_BPF CAP_SYS_ADMIN' });
});

test('libbpf before 1.4 is degraded', () => {
  expect(libbpfRow(library)).toMatchObject({ state: 'ok', found: '1.4 (/lib/libbpf.so.1)' });
  expect(libbpfRow({ ...library, minor: 3 })).toMatchObject({ state: 'degraded' });
  expect(libbpfRow(null)).toMatchObject({ state: 'missing', found: 'none' });
});

test('a PMU that is refused is not one that is absent', () => {
  expect(pmuRow(good).state).toBe('ok');
  expect(pmuRow({ ...refused, code: 'ENOENT' }).state).toBe('missing');
  expect(pmuRow({ ...refused, code: 'EACCES' })).toMatchObject({
    state: 'degraded',
    fix: expect.stringContaining('perf_event_paranoid'),
  });
});
