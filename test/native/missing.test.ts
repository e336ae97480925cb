import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

// A clone that was compiled but whose native half was not: dist without prebuilds.
const clone = mkdtempSync(join(tmpdir(), 'tunesmith-clone-'));
afterAll(() => rmSync(clone, { recursive: true }));

test('without a build, every call names the way out', () => {
  const root = process.cwd();
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  writeFileSync(join(clone, 'package.json'), '{"name":"tunesmith","type":"module"}');
  execFileSync(join(root, 'node_modules/.bin/tsc'), [
    ...['--outDir', join(clone, 'dist'), '--rootDir', join(root, 'src'), '--declaration', 'false'],
    ...['--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--strict', '--ignoreConfig'],
    join(root, 'src/native.ts'),
  ]);
  const script = `
    const { native, agentPath } = await import(${JSON.stringify(join(clone, 'dist/native.js'))});
    for (const get of [native, agentPath])
      try { get(); } catch ({ code, hint, exitCode }) { console.log(code, exitCode, hint); }
  `;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(said).toBe('incapable 3 npm run setup\nincapable 3 npm run setup\n');
});
