import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { provide } from '../../src/setup/provide.js';
import { tree } from '../host/fixture.js';

const script = (body: string) => `#!/bin/sh\n${body}\n`;
const fileResult = (status: string, ...outcomes: string[]) => ({
  status,
  assertionResults: outcomes.map((outcome) => ({ status: outcome })),
});

/** Runs scripts/test.mjs in a project whose tools are shell scripts; returns its last line and exit code. */
function testRun(tsc: string, biome: string, vitest: string) {
  const bin = 'node_modules/.bin';
  const programs = { tsc, biome, vitest };
  const root = tree(
    Object.fromEntries(Object.entries(programs).map(([name, body]) => [`${bin}/${name}`, script(body)])),
  );
  for (const name of Object.keys(programs)) chmodSync(join(root, bin, name), 0o755);
  mkdirSync(join(root, 'scripts'));
  cpSync('scripts/test.mjs', join(root, 'scripts/test.mjs'));
  const done = spawnSync(process.execPath, [join(root, 'scripts/test.mjs'), 'test/one'], {
    encoding: 'utf8',
  });
  return { last: done.stdout.trimEnd().split('\n').at(-1), code: done.status, output: done.stdout };
}

/** A vitest that writes this report where it is told, and exits so. */
const reporting = (testResults: unknown[], code: number) =>
  `for a; do case $a in --outputFile.json=*) f=\${a#*=};; esac; done
echo "args: $*"; cat > "$f" <<'END'\n${JSON.stringify({ testResults })}\nEND\nexit ${code}`;

test('the last line counts tests and checks', () => {
  const report = [
    fileResult('passed', 'passed', 'passed', 'pending', 'todo'),
    fileResult('passed', 'passed'),
  ];
  const done = testRun('exit 0', 'exit 0', reporting(report, 0));
  expect(done).toMatchObject({ last: '5 passed, 0 failed, 2 skipped', code: 0 });
  expect(done.output).toMatch(/args: run .* test\/one/);
});

test('a failed check, test, file or runner is a failure each', () => {
  const good = [fileResult('passed', 'passed')];
  expect(testRun('exit 2', 'exit 1', reporting(good, 0))).toMatchObject({
    last: '1 passed, 2 failed',
    code: 1,
  });
  const one = [fileResult('failed', 'passed', 'failed')];
  expect(testRun('exit 0', 'exit 0', reporting(one, 1))).toMatchObject({
    last: '3 passed, 1 failed',
    code: 1,
  });
  const unreadable = [fileResult('failed')];
  expect(testRun('exit 0', 'exit 0', reporting(unreadable, 1))).toMatchObject({
    last: '2 passed, 1 failed',
    code: 1,
  });
  expect(testRun('exit 0', 'exit 0', reporting(good, 1))).toMatchObject({
    last: '3 passed, 1 failed',
    code: 1,
  });
  expect(testRun('exit 0', 'exit 0', 'exit 1')).toMatchObject({ last: '2 passed, 1 failed', code: 1 });
});

test('set-up refuses what it does not know', () => {
  const done = spawnSync('bash', ['scripts/setup.sh', '--devel'], { encoding: 'utf8' });
  expect(done.status).toBe(2);
  expect(done.stderr).toBe('setup: unknown option --devel; usage: scripts/setup.sh [--dev]\n');
});

test('needs that are met are met in silence', async () => {
  const said: string[] = [];
  await provide([{ package: 'no-such-package', minimum: '8.2', have: async () => '10.0' }], (text) =>
    said.push(text),
  );
  expect(said).toEqual([]);
});
