import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kernelBtf } from '../../src/lab/kernels/btf.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { runModule, tunesmith, useGuest } from './guest.js';

interface Row {
  readonly id: string;
  readonly state: string;
  readonly found: string;
}

describe.each([
  { kernel: 'scx', cpus: 2, knob: 'base_slice_ns', schedExt: 'ok' },
  { kernel: 'cfs', cpus: 1, knob: 'latency_ns', schedExt: 'missing' },
])('in a guest with Linux $kernel', ({ kernel, cpus, knob, schedExt }) => {
  const guest = useGuest({ kernel, cpus });

  it('the doctor sees what that kernel can do', async () => {
    const done = await tunesmith(guest(), 'doctor', '--json');
    expect({ ...done, stdout: '' }).toMatchObject({ status: 3, stderr: '', truncated: false }); // no QEMU in there
    const report = JSON.parse(done.stdout) as { schema: string; rows: Row[] };
    expect(report.schema).toBe('tunesmith.doctor/1');
    const rows = Object.fromEntries(report.rows.map((row) => [row.id, row]));
    expect(rows).toMatchObject({
      addon: { state: 'ok' },
      bpf: { state: 'ok', found: 'maps and programs load' },
      capabilities: { state: 'ok' },
      cgroup: { state: 'ok' },
      libbpf: { state: 'ok' },
      sched_ext: { state: schedExt },
      debugfs: { state: 'ok', found: `sched/${knob} can be read and written` },
    });
    const { release } = await resolveKernel(kernel);
    expect(rows.kernel?.found).toMatch(/(CFS|EEVDF)$/);
    expect(rows.kernel?.found.startsWith(release)).toBe(true);
  });

  it('the addon loads and opens the kernel’s types', async () => {
    const done = await runModule(
      guest(),
      `import { native } from './dist/native.js';
       const { libbpf, bpf, btf } = native();
       console.log(JSON.stringify({ libbpf: libbpf()?.major, bpf: bpf(), btf: btf() }));`,
    );
    expect(done).toMatchObject({ status: 0, stderr: '' });
    const said = JSON.parse(done.stdout);
    expect(said).toMatchObject({
      libbpf: 1,
      bpf: { map: { ok: true }, program: { ok: true } },
      btf: { ok: true },
    });
  });

  it('those types are the ones taken from the kernel image without booting it', async () => {
    const ours = readFileSync(await kernelBtf(await resolveKernel(kernel)));
    const theirs = await guest().exec(['sha256sum', '/sys/kernel/btf/vmlinux']);
    expect(theirs.stdout.slice(0, 64)).toBe(createHash('sha256').update(ours).digest('hex'));
  });

  it('has the CPUs it was given, and a scheduler knob that can be written', async () => {
    const script = `nproc; echo 7000000 > /sys/kernel/debug/sched/${knob} && cat /sys/kernel/debug/sched/${knob}`;
    const done = await guest().exec(['sh', '-c', script]);
    expect(done).toMatchObject({ status: 0, stdout: `${cpus}\n7000000\n`, stderr: '' });
  });
});
