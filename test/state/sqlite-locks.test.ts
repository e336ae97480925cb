import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/sqlite.js';
import { tree } from '../host/fixture.js';

/** Whether another process could begin to write. */
const writable = (path: string): boolean => {
  const script = `const db = new (require('better-sqlite3'))(${JSON.stringify(path)}, { timeout: 0 });
    try { db.exec('BEGIN IMMEDIATE'); console.log('yes'); } catch ({ code }) { console.log(code); }`;
  return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim() === 'yes';
};

test('a second connection of this process leaves the first one its locks', () => {
  const path = join(tree(), 'x.sqlite');
  const first = openDatabase(path);
  onTestFinished(() => void first.close());
  first.exec('CREATE TABLE t (n INTEGER); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)');
  expect(writable(path)).toBe(false);
  const second = openDatabase(path);
  expect(writable(path)).toBe(false);
  second.close();
  first.exec('COMMIT');
  expect(writable(path)).toBe(true);
});
