import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { native } from '../../src/native.js';

const ROOT = new URL('../../', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'tunesmith-test-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A user's project: the example as it stands in the documentation, and this package in its node_modules. */
function project(): string {
  const [, example] =
    /```js\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/telemetry.md'), 'utf8')) ?? [];
  mkdirSync(join(home, 'node_modules'));
  symlinkSync(ROOT, join(home, 'node_modules/tunesmith'));
  writeFileSync(join(home, 'package.json'), '{"type":"module"}');
  const file = join(home, 'example.ts');
  writeFileSync(file, example ?? '');
  return file;
}

describe.runIf(native().bpf().program.ok)('the example in docs/telemetry.md', () => {
  it('compiles against our types and runs', () => {
    const file = project();
    const options = ['--strict', '--skipLibCheck', '--target', 'es2022', '--lib', 'es2023,esnext.disposable'];
    const modules = ['--module', 'nodenext', '--moduleResolution', 'nodenext', '--types', 'node'];
    const types = ['--typeRoots', join(ROOT, 'node_modules/@types')];
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), [...options, ...modules, ...types, file], {
      cwd: home,
    });
    const said = execFileSync(process.execPath, [join(home, 'example.js')], { cwd: home, encoding: 'utf8' });
    expect(said).toMatch(/^p99 [\d.]+ ns, longest \d+ ns\n(\d+ .*\n)+$/);
  });
});
