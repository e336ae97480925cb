import { expect, test } from 'vitest';
import { runDoctor } from '../../src/host/doctor.js';
import { formatDoctor } from '../../src/host/format-doctor.js';
import { type DoctorReport, doctorReportSchema } from '../../src/host/report.js';
import { machine } from './fixture.js';

const QEMU = { 'qemu-system-x86_64': 'echo QEMU emulator version 10.0.2' };

test('this machine gets a whole report, each row with a fixed place and what to do', async () => {
  const report = await runDoctor();
  doctorReportSchema.parse(JSON.parse(JSON.stringify(report)));
  expect(report.rows.map(({ id }) => id)).toEqual([
    ...[
      'node',
      'addon',
      'sqlite',
      'agent',
      'qemu',
      'kernels',
      'programs',
      'kvm',
      'kernel',
      'lockdown',
      'btf',
      'bpf',
    ],
    ...['capabilities', 'libbpf', 'clang', 'bpftool', 'confinement', 'sched_ext', 'debugfs', 'cgroup', 'pmu'],
  ]);
  for (const row of report.rows) {
    expect(row.found, row.id).not.toBe('');
    expect(row.cost === '', row.id).toBe(row.state === 'ok');
  }
});

test('the lab can run when nothing it requires is missing, whatever else is', async () => {
  const bare = await runDoctor({ machine: machine({}, QEMU, { agent: '/agent' }) });
  expect(bare.capable).toBe(true);
  expect(bare.rows.some(({ state }) => state === 'missing')).toBe(true);
  for (const part of [machine({}, {}, { agent: '/agent' }), machine({}, QEMU)])
    expect((await runDoctor({ machine: part })).capable).toBe(false);
});

const report: DoctorReport = {
  schema: 'tunesmith.doctor/1',
  capable: false,
  rows: [
    { id: 'a', name: 'Kernel', state: 'ok', required: false, found: '6.1', cost: '', fix: '' },
    {
      ...{ id: 'b', name: 'QEMU', state: 'missing', required: true, found: 'none' },
      ...{ cost: 'the lab cannot run and a good deal more is lost', fix: 'npm run setup' },
    },
  ],
};

test('the table is aligned, wrapped and without colour when told so', () => {
  expect(formatDoctor(report, { color: false, width: 40 })).toBe(
    [
      '  ✓ Kernel 6.1',
      '  ✗ QEMU   none',
      '           costs the lab cannot run and',
      '                 a good deal more is',
      '                 lost',
      '           fix   npm run setup',
      '',
      'The lab cannot run here: see QEMU. 1 ok,',
      '0 degraded, 1 missing.',
      '',
    ].join('\n'),
  );
});

test('no line of a real report is wider than the terminal, but for a word that is', async () => {
  const text = formatDoctor(await runDoctor({ machine: machine({}, QEMU) }), { color: false, width: 72 });
  for (const line of text.split('\n'))
    expect(line.length <= 72 || line.trim().split(' ').length <= 2, line).toBe(true);
});

test('colour is ANSI, and a stranger’s control characters do not get through', () => {
  const rows = report.rows.map((row) => ({ ...row, found: 'a\u001b[2Jb\u0007' }));
  const plain = formatDoctor({ ...report, rows }, { color: false, width: 80 });
  expect(plain).toContain('a·[2Jb·');
  expect(plain).not.toContain('\u001b');
  expect(formatDoctor(report, { color: true, width: 80 })).toContain('\u001b[31m✗\u001b[0m QEMU');
});
