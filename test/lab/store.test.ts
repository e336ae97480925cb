import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { Store } from '../../src/lab/store.js';
import { tree } from '../host/fixture.js';
import { listening } from './stderr.js';

const newPath = () => join(tree(), 'trials.sqlite');

function open(path: string): Store {
  const store = new Store(path);
  onTestFinished(() => store.close());
  return store;
}

/** A closed cache with enough in it to span many pages. */
function filled(): string {
  const path = newPath();
  const store = new Store(path);
  for (let i = 0; i < 200; i++) store.keep(`key${i}`, 'search', {}, { text: 'x'.repeat(1000), i });
  store.keep('key7', 'referee', {}, { text: 'a referee’s' });
  store.keepFingerprint('base', 'search', '42');
  store.close();
  return path;
}

describe('the store', () => {
  it('returns what it was given, by key and rigour, also to another process', () => {
    const path = newPath();
    const store = open(path);
    const result = { metrics: { wakeup_p99_ns: 0.1 + 0.2, big: 2 ** 60 } };
    store.keep('key', 'search', { seed: 1 }, result);
    store.keep('key', 'referee', { seed: 1 }, { metrics: {} });
    expect(store.result('key', 'search', z.unknown())).toEqual(result);
    expect(store.result('key', 'referee', z.unknown())).toEqual({ metrics: {} });
    expect([store.result('kez', 'search', z.unknown()), store.result('', '', z.unknown())]).toEqual([
      null,
      null,
    ]);
    const script = `const D = require('better-sqlite3'); console.log(new D(${JSON.stringify(path)}).prepare(
      "SELECT result FROM trials WHERE rigour = 'search'").get().result)`;
    expect(JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))).toEqual(result);
  });

  it('keeps the latest of two results and of two fingerprints', () => {
    const [one, two] = [filled()].flatMap((path) => [open(path), open(path)]) as [Store, Store];
    one.keep('key1', 'search', {}, { text: 'newer' });
    two.keepFingerprint('base', 'search', '43');
    expect(two.result('key1', 'search', z.unknown())).toEqual({ text: 'newer' });
    expect([one.fingerprint('base', 'search'), one.fingerprint('base', 'referee')]).toEqual(['43', null]);
  });

  it('drops what was measured from a guest whose fingerprint was off, and nothing else', () => {
    const store = open(filled());
    const from = (start: string) => ({ fingerprint: { start, end: '99' } });
    store.keepFingerprint('base', 'search', '41');
    store.keep('off', 'search', {}, from('41'));
    store.keep('off', 'referee', {}, from('41'));
    store.keep('sound', 'search', {}, from('43'));
    store.refuteFingerprint('base', 'search', '43');
    expect(store.fingerprint('base', 'search')).toBe('43');
    expect([store.has('off', 'search'), store.has('off', 'referee')]).toEqual([false, true]);
    expect(store.has('sound', 'search')).toBe(true);
  });

  it.each([
    ['is cut off', `UPDATE trials SET result = '{"half' WHERE key = 'key7'`],
    ['has another figure', `UPDATE trials SET result = replace(result, '7}', '8}') WHERE key = 'key7'`],
    [
      'is another’s',
      `UPDATE trials SET (result, sum) = (SELECT result, sum FROM trials WHERE key = 'key9') WHERE key = 'key7'`,
    ],
    [
      'was a referee’s',
      `INSERT OR REPLACE INTO trials SELECT key, 'search', spec, result, sum, made FROM trials WHERE key = 'key7' AND rigour = 'referee'`,
    ],
  ])('takes a row that %s for none, and says so', (_, damage) => {
    const path = filled();
    const db = new Database(path);
    db.exec(damage);
    db.close();
    const said = listening();
    const store = open(path);
    expect(store.result('key7', 'search', z.unknown())).toBeNull();
    expect(said()).toMatch(/row key7 is damaged \(.*\); it is measured again/);
  });

  it('takes a row of another schema for none', () => {
    const store = open(filled());
    const said = listening();
    expect(
      store.result('key7', 'search', z.object({ metrics: z.record(z.string(), z.number()) })),
    ).toBeNull();
    expect(said()).toContain('row key7 is damaged');
  });

  it.each([
    ['is no database', (path: string) => writeFileSync(path, 'not a database '.repeat(500))],
    ['was truncated', (path: string) => truncateSync(path, Math.floor(statSync(path).size / 3) & ~4095)],
    ['was cut inside a page', (path: string) => truncateSync(path, 5000)],
    ['lost pages in its middle', (path: string) => overwrite(path, 8192, statSync(path).size - 4096)],
    ['lost its schema', (path: string) => overwrite(path, 100, 4096)],
  ])('that %s is started anew, and says so', (_, damage) => {
    const path = filled();
    damage(path);
    const said = listening();
    const store = open(path);
    // Wherever the damage lies, what is asked for is answered or not there, and new results are kept.
    for (let i = 0; i < 200; i++) {
      const found = store.result(`key${i}`, 'search', z.unknown());
      if (found !== null) expect(found).toEqual({ text: 'x'.repeat(1000), i });
    }
    store.fingerprint('base', 'search');
    store.keep('new', 'search', {}, { n: 1 });
    expect(store.result('new', 'search', z.unknown())).toEqual({ n: 1 });
    expect(said()).toMatch(/^the trial cache .*trials\.sqlite was damaged \(.*\) and is started anew\n$/);
    store.close();
    expect(open(path).result('new', 'search', z.unknown())).toEqual({ n: 1 });
    expect(readFileSync(path).toString('latin1', 0, 15)).toBe('SQLite format 3');
  });

  it.each([
    ['cannot be made', '/proc/no/trials.sqlite'],
    ['is a directory', '/'],
  ])('that %s is told with its path and the way out', (_, path) => {
    expect(() => new Store(path)).toThrow(
      expect.objectContaining({ code: 'incapable', message: expect.stringContaining(path), exitCode: 3 }),
    );
  });
});

/** Writes rubbish over [from, to). */
function overwrite(path: string, from: number, to: number): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.alloc(to - from, 0xa5), 0, to - from, from);
  closeSync(fd);
}
