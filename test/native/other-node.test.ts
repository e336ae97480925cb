import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = process.cwd();
const MAIN = join(ROOT, 'dist/cli/main.js');
/** A Node that better-sqlite3 was not compiled for (scripts/setup.sh brings it along for the MCP judges). */
const OTHER = join(ROOT, `test/judges/node_modules/node-linux-${process.arch}/bin/node`);

const scratch = mkdtempSync(join(tmpdir(), 'tunesmith-node-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const run = (node: string, args: readonly string[]) =>
  spawnSync(node, args, {
    encoding: 'utf8',
    env: { ...process.env, XDG_STATE_HOME: join(scratch, 'state'), XDG_CACHE_HOME: join(scratch, 'cache') },
  });

const sameModules = existsSync(OTHER) && run(OTHER, ['-p', 'process.versions.modules']).stdout.trim();

describe.skipIf(sameModules === process.versions.modules)(
  'under a Node that SQLite was not compiled for',
  () => {
    const version = run(OTHER, ['-p', 'process.versions.node']).stdout.trim();

    test('the test has such a Node', () => expect(version).toMatch(/^\d+\.\d+\.\d+$/));

    test.each([[['change', 'list']], [['approve', 'list']], [['lab', 'trial', '--workload', 'idle']]])(
      '%j names both Nodes and how to rebuild',
      (args) => {
        const { status, stderr } = run(OTHER, [MAIN, ...args]);
        expect(stderr).toContain(
          `better-sqlite3 was compiled for Node ${process.versions.node.split('.')[0]}`,
        );
        expect(stderr).toContain(`this is Node ${version}`);
        expect(stderr).toContain('npm rebuild better-sqlite3');
        expect(stderr).not.toContain('make room');
        expect(status).toBe(3);
      },
    );

    test('doctor has a red row for it', () => {
      const { status, stdout } = run(OTHER, [MAIN, 'doctor', '--json']);
      const { capable, rows } = JSON.parse(stdout);
      expect(capable).toBe(false);
      expect(rows.find(({ id }: { id: string }) => id === 'sqlite')).toMatchObject({
        state: 'missing',
        found: expect.stringContaining(version),
        fix: expect.stringContaining('npm rebuild better-sqlite3'),
      });
      expect(status).toBe(3);
    });
  },
);

describe('installed without install scripts', () => {
  const home = join(scratch, 'bare');
  beforeAll(() => {
    mkdirSync(join(home, 'node_modules/better-sqlite3'), { recursive: true });
    for (const name of readdirSync('node_modules'))
      if (name !== 'better-sqlite3')
        symlinkSync(join(ROOT, 'node_modules', name), join(home, 'node_modules', name));
    for (const name of ['lib', 'package.json'])
      cpSync(
        join(ROOT, 'node_modules/better-sqlite3', name),
        join(home, 'node_modules/better-sqlite3', name),
        {
          recursive: true,
        },
      );
    for (const name of ['dist', 'package.json'])
      cpSync(join(ROOT, name), join(home, name), { recursive: true });
  });

  test('says what was left out and how to make up for it', () => {
    const { status, stderr } = run(process.execPath, [join(home, 'dist/cli/main.js'), 'change', 'list']);
    expect(stderr).toContain(`better-sqlite3 has no binary for Node ${process.versions.node}`);
    expect(stderr).toContain('npm rebuild better-sqlite3');
    expect(stderr).not.toContain('make room');
    expect(status).toBe(3);
  });

  test('and the same when the package is not there at all', () => {
    rmSync(join(home, 'node_modules/better-sqlite3'), { recursive: true });
    const { status, stderr } = run(process.execPath, [join(home, 'dist/cli/main.js'), 'change', 'list']);
    expect(stderr).toContain('better-sqlite3 is not installed');
    expect(status).toBe(3);
  });
});

test('bundled into another program, the library says that it must be external', async () => {
  const entry = join(scratch, 'app.mjs');
  writeFileSync(
    entry,
    `import { Sampler } from ${JSON.stringify(join(ROOT, 'dist/index.js'))};\nnew Sampler();\n`,
  );
  const bundle = await rolldown({ input: entry, platform: 'node', logLevel: 'silent' });
  await bundle.write({ file: join(scratch, 'app/out.mjs'), codeSplitting: false });
  const { status, stderr } = run(process.execPath, [join(scratch, 'app/out.mjs')]);
  expect(stderr).toContain('mark tunesmith as external');
  expect(status).not.toBe(0);
});
