import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { TunesmithError } from '../../src/errors.js';
import { cycleSchema, resultSchema } from '../../src/loop/result.js';
import { prepareOutDir } from '../../src/report/out-dir.js';
import { writeReport, writeStartReport } from '../../src/report/write.js';
import { sampleEevdf, sampleResult } from './sample.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tunesmith-report-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const FILES = ['cycles.jsonl', 'report.html', 'result.json', 'result.schema.json'];
const read = (...path: string[]): string => readFileSync(join(dir, ...path), 'utf8');
function thrown(action: () => unknown): TunesmithError {
  try {
    action();
  } catch (error) {
    if (error instanceof TunesmithError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('writeReport', () => {
  it('writes files that read back as what was given', () => {
    expect(writeReport(sampleResult(), join(dir, 'a/b'))).toEqual({
      dir: join(dir, 'a/b'),
      html: join(dir, 'a/b/report.html'),
    });
    expect(readdirSync(join(dir, 'a/b')).sort()).toEqual(FILES);
    expect(resultSchema.parse(JSON.parse(read('a/b/result.json')))).toEqual(sampleResult());
    const lines = read('a/b/cycles.jsonl').trimEnd().split('\n');
    expect(lines.map((line) => cycleSchema.parse(JSON.parse(line)))).toEqual(sampleResult().cycles);
  });

  it('exports a JSON Schema that accepts the result and refuses a wrong one', () => {
    writeReport(sampleResult(), dir);
    const schema = z.fromJSONSchema(JSON.parse(read('result.schema.json')));
    expect(schema.safeParse(JSON.parse(read('result.json'))).success).toBe(true);
    expect(schema.safeParse({ ...sampleResult(), seed: 'one' }).success).toBe(false);
  });

  it('replaces an earlier report', () => {
    writeReport(sampleResult(), dir);
    writeReport(sampleEevdf(), dir);
    expect(readdirSync(dir).sort()).toEqual(FILES);
    expect(JSON.parse(read('result.json')).workload).toBe('wakeup');
  });

  it('refuses a result that breaks the schema and writes nothing', () => {
    const error = thrown(() => writeReport({ ...sampleResult(), seed: 0.5 }, dir));
    expect(error.code).toBe('internal');
    expect(error.message).toContain('seed');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('leaves no temporary file when a file cannot be put in place', () => {
    mkdirSync(join(dir, 'report.html/in-the-way'), { recursive: true });
    const error = thrown(() => writeReport(sampleResult(), dir));
    expect(error.code).toBe('incapable');
    expect(error.message).toContain(dir);
    expect(readdirSync(dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('writeStartReport', () => {
  it('writes one page for all and a folder for each, whatever the workload is called', () => {
    const odd = { ...sampleResult(), workload: '../../etc/<x>' };
    writeStartReport([sampleResult(), sampleEevdf(), sampleResult(), odd], dir);
    expect(readdirSync(dir).sort()).toEqual([
      'etc-x-cfs',
      'pgbench-cfs',
      'pgbench-cfs-2',
      'report.html',
      'wakeup-eevdf',
    ]);
    expect(readdirSync(join(dir, 'wakeup-eevdf')).sort()).toEqual(FILES);
    expect(read('report.html')).toContain('id="run4"');
  });
});

describe('prepareOutDir', () => {
  it('makes the directory, parents included, and leaves it empty', () => {
    expect(prepareOutDir(join(dir, 'x/y'))).toBe(join(dir, 'x/y'));
    expect(readdirSync(join(dir, 'x/y'))).toEqual([]);
  });

  it.each<[string, () => string, string]>([
    ['empty', () => ' ', 'is empty'],
    ['a file', () => file('taken'), 'is not a directory'],
    ['below a file', () => join(file('taken'), 'out'), 'cannot be made'],
    ['read-only', () => '/proc/self', 'cannot be written'],
    ['not a path', () => `${dir}/\0`, 'cannot be made'],
  ])('refuses one that is %s, and says why', (_, path, reason) => {
    const error = thrown(() => prepareOutDir(path()));
    expect(error.code).toBe('usage');
    expect(error.exitCode).toBe(2);
    expect(error.message).toMatch(/^--out: "/);
    expect(error.message).toContain(reason);
    expect(error.hint).toBeTruthy();
  });

  it('clears away what a killed writer left, and nothing else', () => {
    const dead = file('.report.html.4194999-0123abcd.tmp');
    const own = file(`.report.html.${process.pid}-0123abcd.tmp`);
    const others = [file('notes.tmp'), file('.hidden')];
    prepareOutDir(dir);
    expect([dead, own, ...others].map((path) => existsSync(path))).toEqual([false, true, true, true]);
  });

  function file(name: string): string {
    const path = join(dir, name);
    writeFileSync(path, 'x');
    return path;
  }
});
