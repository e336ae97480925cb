import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, it } from 'vitest';
import { loadAddon } from '../../src/native.js';
import type { SamplerAddon } from '../../src/telemetry/native.js';

/** What a function makes of a name that is no path lands here. */
const home = mkdtempSync(join(tmpdir(), 'tunesmith-border-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const ROOT = join(import.meta.dirname, '../..');

it('every entry point takes every argument for what it is: an exception, never the end of the process', async () => {
  const done = await execa(process.execPath, [join(import.meta.dirname, 'border.mjs'), ROOT], {
    reject: false,
  });
  expect({ signal: done.signal, code: done.exitCode, stderr: done.stderr.slice(-2000) }).toEqual({
    signal: undefined,
    code: 0,
    stderr: '',
  });
  const { functions, threw, returned, worker } = JSON.parse(done.stdout);
  expect(functions).toBeGreaterThanOrEqual(25);
  expect(threw).toBeGreaterThan(2 * returned);
  expect(worker).toBe(0);
}, 600_000);

it.each([
  ['openSampler', [{ budget: 0, by: -1 }], /^by is no whole number from 0 to 3$/],
  ['takeOutliers', [{}, 1], /^the sampler is no handle$/],
  ['readSched', [2 ** 31], /^tid is no whole number from 0 to 4194304$/],
  ['setSlice', [0, -1], /^sliceNs is no whole number/],
  ['connectDeadman', ['/tmp', -1, 1000], /^pid is no whole number/],
  ['askDeadman', [-1, 'x', []], /^fd is no whole number/],
  ['openPolicy', ['text', 0], /^object is no Buffer$/],
  ['btf', ['a\0b'], /^path has a NUL in it$/],
])('%s(%j) names the argument and the rule', (name, args, message) => {
  const addon = loadAddon<SamplerAddon & Record<string, (...args: unknown[]) => unknown>>();
  expect(() => addon[name]?.(...args)).toThrow(message);
});
