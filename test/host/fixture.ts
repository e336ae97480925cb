import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Machine } from '../../src/host/probes/probe.js';
import { run } from '../../src/host/run.js';

/** A file tree of the test's own, gone when the test is over. A key that ends in / is an empty directory. */
export function tree(files: Record<string, string | Buffer> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'tunesmith-tree-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path.endsWith('/') ? path : dirname(path)), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(join(root, path), content);
  }
  return root;
}

/**
 * A machine that consists of a file tree and of shell scripts in the place of programs; a program that is not named
 * is not there. Without an addon or an agent unless given.
 */
export function machine(
  files: Record<string, string | Buffer> = {},
  programs: Record<string, string> = {},
  parts: Partial<Machine> = {},
): Machine {
  const root = tree(files);
  const bin = tree(
    Object.fromEntries(Object.entries(programs).map(([name, body]) => [name, `#!/bin/sh\n${body}\n`])),
  );
  for (const name of Object.keys(programs)) chmodSync(join(bin, name), 0o755);
  return {
    root,
    run: (file, args, options) => run(join(bin, basename(file)), args, options),
    native: { absent: 'not built' },
    sqlite: null,
    agent: { absent: 'not built' },
    cache: join(root, 'cache'),
    node: 'v20.19.0',
    ...parts,
  };
}
