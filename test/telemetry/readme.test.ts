import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
  mkdirSync(join(home, 'node_modules'), { recursive: true });
  rmSync(join(home, 'node_modules/tunesmith'), { force: true });
  symlinkSync(ROOT, join(home, 'node_modules/tunesmith'));
  writeFileSync(join(home, 'package.json'), '{"type":"module"}');
  const file = join(home, 'example.ts');
  writeFileSync(file, example ?? '');
  return file;
}

const DOCS = join(ROOT, 'docs');
const telemetry = readFileSync(join(DOCS, 'telemetry.md'), 'utf8');

describe('the package', () => {
  it('exports what docs/telemetry.md lists, and nothing else', async () => {
    const [, table] = /the package exports \| for \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(telemetry) ?? [];
    const named = [...(table ?? '').matchAll(/^\| (.*?) \|/gm)].flatMap(([, names]) =>
      [...(names as string).matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
    const exported = Object.keys(await import(join(ROOT, 'dist/index.js')));
    expect(named.sort()).toEqual(exported.sort());
  });

  it('has every name that a document imports from it', async () => {
    const texts = [...readdirSync(DOCS).map((name) => join('docs', name)), 'README.md']
      .filter((name) => name.endsWith('.md'))
      .map((name) => readFileSync(join(ROOT, name), 'utf8'));
    const imports = texts.flatMap((text) => [...text.matchAll(/import \{ ([\w, ]+) \} from 'tunesmith'/g)]);
    expect(imports.length).toBeGreaterThan(1);
    const exported = await import(join(ROOT, 'dist/index.js'));
    for (const [, names] of imports)
      for (const name of (names as string).split(', ')) expect(exported).toHaveProperty(name);
  });
});

describe.runIf(native().bpf().program.ok)('the example in docs/telemetry.md', () => {
  it('runs as it stands on this Node, as plain JavaScript', () => {
    const file = project();
    const plain = join(home, 'plain.mjs');
    writeFileSync(plain, readFileSync(file, 'utf8'));
    const said = execFileSync(process.execPath, [plain], { cwd: home, encoding: 'utf8' });
    expect(said).toMatch(/^p99 [\d.]+ ns, longest \d+ ns\n(\d+ .*\n)+$/);
    // The oldest Node that engines names knows no `using`.
    expect(readFileSync(file, 'utf8')).not.toMatch(/\busing\b/);
  });

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
