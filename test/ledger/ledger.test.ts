import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ledgerFiles } from '../../src/ledger/files.js';
import { GroupAppend } from '../../src/ledger/group.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { otlpLogs } from '../../src/ledger/otel.js';
import { readLedger } from '../../src/ledger/read.js';
import { verifyLedger } from '../../src/ledger/verify.js';

function place(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tunesmith-ledger-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A ledger of so many records over several files. */
function filled(count = 12, rotateAt = 1000): string {
  const dir = place();
  using ledger = new Ledger({ dir, rotateAt });
  for (let i = 1; i <= count; i++)
    expect(
      ledger.append({ kind: 'call', caller: 'a', tool: 't', arguments: { i }, reasons: [`nr ${i}\n"é"`] }),
    ).toBe(i);
  return dir;
}

const linesIn = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);
const put = (path: string, lines: readonly string[]): void =>
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));

it('keeps what it is given, in order, over several files', () => {
  const dir = filled();
  expect(ledgerFiles(dir).length).toBeGreaterThan(2);
  expect(verifyLedger(dir)).toMatchObject({ ok: true, records: 12, problems: [], notes: [] });
  expect(readLedger(dir).map(({ arguments: args }) => args?.i)).toEqual(
    [...Array(12).keys()].map((i) => i + 1),
  );
  expect(readLedger(dir, { caller: 'a', last: 2 }).map(({ seq }) => seq)).toEqual([11, 12]);
  expect(readLedger(dir, { kind: 'other' })).toEqual([]);
});

it('several in one go are a chain like any other, and over files', async () => {
  const dir = place();
  using ledger = new Ledger({ dir, rotateAt: 500 });
  const group = new GroupAppend(ledger);
  const calls = [...Array(20).keys()].map((i) => group.append({ kind: 'call', arguments: { i } }));
  const bad = group.append({ kind: '' });
  await Promise.all(calls);
  await expect(bad).rejects.toThrow('schema');
  await group.append({ kind: 'call', arguments: { i: 20 } });
  expect(readLedger(dir).map(({ arguments: args }) => args?.i)).toEqual([...Array(21).keys()]);
  expect(verifyLedger(dir)).toMatchObject({ ok: true, records: 21, problems: [] });
});

it('a file that was taken away is made anew', () => {
  const dir = place();
  using ledger = new Ledger({ dir });
  ledger.append({ kind: 'call' });
  rmSync(join(dir, 'ledger-000001.jsonl'));
  ledger.append({ kind: 'call' });
  expect(linesIn(join(dir, 'ledger-000001.jsonl'))).toHaveLength(1);
  expect(verifyLedger(dir).ok).toBe(false);
});

describe('verify', () => {
  /** Every line of every file is tried. */
  const each = (harm: (lines: string[], at: number) => string[]): void => {
    const dir = filled();
    for (const file of ledgerFiles(dir)) {
      const path = join(dir, file);
      const before = linesIn(path);
      for (const at of before.keys()) {
        const after = harm([...before], at);
        if (after.join() === before.join()) continue;
        put(path, after);
        const { ok, problems } = verifyLedger(dir);
        expect({ file, at, ok, told: problems.length > 0 }).toEqual({ file, at, ok: false, told: true });
      }
      put(path, before);
    }
    expect(verifyLedger(dir).ok).toBe(true);
  };

  it('finds every changed record', () =>
    each((lines, at) => lines.with(at, (lines[at] as string).replace('"i":', '"i":9'))));
  it('finds every removed record, the last one too', () => each((lines, at) => lines.toSpliced(at, 1)));
  it('finds every two that changed places', () =>
    each((lines, at) =>
      at === 0 ? lines : lines.toSpliced(at - 1, 2, lines[at] as string, lines[at - 1] as string),
    ));
  it('finds every record put in twice', () =>
    each((lines, at) => lines.toSpliced(at, 0, lines[at] as string)));
  it('finds a record made anew with a right hash of its own', async () => {
    const { sealedLine, GENESIS } = await import('../../src/ledger/record.js');
    each((lines, at) => {
      const { seq, prev, at: when } = JSON.parse(lines[at] as string);
      return lines.with(at, sealedLine({ kind: 'call', caller: 'forger' }, seq, prev ?? GENESIS, when).line);
    });
  });

  it('finds a file that is gone, first, last or in between', () => {
    const dir = filled();
    for (const file of ledgerFiles(dir)) {
      const text = readFileSync(join(dir, file));
      rmSync(join(dir, file));
      expect(verifyLedger(dir)).toMatchObject({ ok: false });
      writeFileSync(join(dir, file), text);
    }
    expect(verifyLedger(dir).ok).toBe(true);
  });

  it('tells when it cannot know the end', () => {
    const dir = filled(3);
    rmSync(join(dir, 'head.sqlite'));
    expect(verifyLedger(dir).problems.join()).toContain('the head is gone');
  });
});

describe('after a crash', () => {
  const last = (dir: string): string => join(dir, ledgerFiles(dir).at(-1) as string);

  it('a torn last line is told, taken away and recorded', () => {
    const dir = filled(3, 100_000);
    appendFileSync(last(dir), '{"seq":4,"at":"20');
    expect(verifyLedger(dir)).toMatchObject({
      ok: true,
      records: 3,
      notes: [expect.stringContaining('cut off')],
    });
    using ledger = new Ledger({ dir });
    expect(ledger.append({ kind: 'call' })).toBe(5);
    expect(readLedger(dir).slice(3)).toMatchObject([
      { kind: 'repair', details: { tornBytes: 17 } },
      { kind: 'call' },
    ]);
    expect(verifyLedger(dir)).toMatchObject({ ok: true, records: 5 });
  });

  it('a record that the head does not know yet is taken up', async () => {
    const dir = filled(3, 100_000);
    const { sealedLine } = await import('../../src/ledger/record.js');
    const { hash } = readLedger(dir).at(-1) as { hash: string };
    appendFileSync(
      last(dir),
      `${sealedLine({ kind: 'call', caller: 'killed' }, 4, hash, new Date().toISOString()).line}\n`,
    );
    expect(verifyLedger(dir).ok).toBe(true);
    using ledger = new Ledger({ dir });
    expect(ledger.append({ kind: 'call' })).toBe(5);
    expect(verifyLedger(dir)).toMatchObject({ ok: true, records: 5 });
  });

  it('records cut off at the end stay found out when more is appended', () => {
    const dir = filled(5, 100_000);
    const size = readFileSync(last(dir)).length - (linesIn(last(dir)).at(-1) as string).length - 1;
    truncateSync(last(dir), size);
    using ledger = new Ledger({ dir });
    ledger.append({ kind: 'call' });
    expect(verifyLedger(dir)).toMatchObject({ ok: false });
  });
});

it('takes records of several processes at once', async () => {
  const dir = place();
  const source = `
    import { Ledger } from ${JSON.stringify(new URL('../../dist/ledger/ledger.js', import.meta.url).href)};
    const ledger = new Ledger({ dir: ${JSON.stringify(dir)}, rotateAt: 5000 });
    for (let i = 0; i < 50; i++) ledger.append({ kind: 'call', caller: process.argv[1] });`;
  const run = (name: string) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', source, name]);
  await Promise.all(['a', 'b', 'c', 'd'].map(run));
  expect(verifyLedger(dir)).toMatchObject({ ok: true, records: 200 });
  for (const caller of ['a', 'b', 'c', 'd']) expect(readLedger(dir, { caller })).toHaveLength(50);
});

it('refuses an entry that is none', () => {
  using ledger = new Ledger({ dir: place() });
  for (const bad of [{ kind: '' }, { kind: 'x', other: 1 }, { kind: 'x', metrics: { a: Number.NaN } }])
    expect(() => ledger.append(bad as never)).toThrow(/breaks its schema/);
});

it('exports what a collector takes', () => {
  const dir = place();
  using ledger = new Ledger({ dir });
  ledger.append({
    kind: 'decision',
    decision: 'deny',
    rule: 'r1',
    reasons: ['too large'],
    metrics: { p99: 1.5, n: 2 },
  });
  const { resourceLogs } = otlpLogs(readLedger(dir)) as {
    resourceLogs: { scopeLogs: { logRecords: Record<string, unknown>[] }[] }[];
  };
  const [log] = resourceLogs[0]?.scopeLogs[0]?.logRecords ?? [];
  expect(log).toMatchObject({
    severityNumber: 13,
    eventName: 'tunesmith.decision',
    body: { stringValue: 'decision: deny: too large' },
  });
  expect(log?.timeUnixNano).toMatch(/^\d{19}$/);
  expect(log?.attributes).toContainEqual({
    key: 'tunesmith.metrics',
    value: {
      kvlistValue: {
        values: [
          { key: 'p99', value: { doubleValue: 1.5 } },
          { key: 'n', value: { intValue: '2' } },
        ],
      },
    },
  });
});

it('that another writer holds fails all that wait for it at once, not each after a wait of its own', async () => {
  const home = mkdtempSync(join(tmpdir(), 'tunesmith-held-'));
  const ledger = new Ledger({ dir: home });
  const holder = new Database(join(home, 'head.sqlite'));
  holder.exec('BEGIN IMMEDIATE');
  const group = new GroupAppend(ledger);
  const asked = Array.from({ length: 20 }, () => group.append({ kind: 'call' }));
  const done = await Promise.allSettled(asked);
  expect(new Set(done.map((one) => one.status))).toEqual(new Set(['rejected']));
  expect(new Set(done.map((one) => (one as PromiseRejectedResult).reason)).size).toBe(1);
  holder.exec('ROLLBACK');
  await group.append({ kind: 'call' });
  holder.close();
  ledger.close();
  rmSync(home, { recursive: true });
});
