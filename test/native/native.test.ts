import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, test } from 'vitest';
import { native } from '../../src/native.js';

const directory = mkdtempSync(join(tmpdir(), 'tunesmith-native-'));
afterAll(() => rmSync(directory, { recursive: true }));
const isRoot = process.getuid?.() === 0;

test('an outcome is either ok, or has an errno, its name and a reason', () => {
  const { map, program } = native().bpf();
  for (const outcome of [map, program, native().pmu(), native().btf('/nowhere')]) {
    if (outcome.ok) expect(outcome).toMatchObject({ errno: 0, code: '', reason: '' });
    else {
      expect(outcome.errno).toBeGreaterThan(0);
      expect(outcome.code).toMatch(/^E[A-Z0-9]+$/);
      expect(outcome.reason).not.toBe('');
    }
  }
});

test('asking many times leaves no descriptor open', () => {
  const open = () => readdirSync('/proc/self/fd').length;
  native().bpf();
  const before = open();
  for (let i = 0; i < 200; i++) {
    native().bpf();
    native().pmu();
    native().btf('/etc/passwd');
  }
  expect(open()).toBeLessThan(before + 100);
});

test('libbpf tells its version, or is null', () => {
  const libbpf = native().libbpf();
  if (libbpf === null) return;
  expect(libbpf.major).toBeGreaterThanOrEqual(1);
  expect(libbpf.path).toContain('libbpf.so');
  expect(libbpf.updatesStructOps).toBe(libbpf.major > 1 || libbpf.minor >= 2);
});

test('a BTF blob is known by its header, and by nothing else', () => {
  const blob = join(directory, 'btf');
  const header = Buffer.alloc(24);
  if (endianness() === 'LE') header.writeUInt16LE(0xeb9f);
  else header.writeUInt16BE(0xeb9f);
  writeFileSync(blob, header);
  expect(native().btf(blob)).toMatchObject({ ok: true, bytes: 24 });

  writeFileSync(blob, header.subarray(0, 10));
  expect(native().btf(blob)).toMatchObject({ ok: false, code: 'EINVAL', bytes: 0 });
  expect(native().btf('/etc/passwd')).toMatchObject({ ok: false, code: 'EINVAL' });
  expect(native().btf(join(directory, 'none'))).toMatchObject({ ok: false, code: 'ENOENT' });
  expect(native().btf(directory)).toMatchObject({ ok: false, code: 'EISDIR' });
});

test('a path that is not absolute is refused before native code sees it', () => {
  expect(() => native().btf('vmlinux')).toThrow('must be an absolute path');
  expect(() => native().btf('/a\0b')).toThrow('must be an absolute path');
});

test('capabilities agree with what /proc says', () => {
  const { mask, sysAdmin } = native().capabilities();
  expect(sysAdmin).toBe(((mask >> 21n) & 1n) === 1n);
  if (isRoot) expect(mask).not.toBe(0n);
});

test('the addon loads in a worker thread while the main thread has it', async () => {
  const addon = native().capabilities().mask;
  const script = `
    const { parentPort } = require('node:worker_threads');
    const addon = require('node-gyp-build')(process.cwd());
    parentPort.postMessage({ mask: addon.capabilities(), btf: addon.btf('/etc/passwd').code, bpf: addon.bpf() });
  `;
  const answers = await Promise.all(
    [1, 2].map(
      () =>
        new Promise<{ mask: bigint; btf: string }>((resolve, reject) => {
          const worker = new Worker(script, { eval: true });
          worker.once('message', resolve).once('error', reject);
        }),
    ),
  );
  for (const answer of answers) expect(answer).toMatchObject({ mask: addon, btf: 'EINVAL' });
});
