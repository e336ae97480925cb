/** What an undo list may name, and whose it may be: a planted one does nothing. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bootId } from '../../src/change/boot.js';
import { Deadman, sweep } from '../../src/change/deadman.js';
import { Journal } from '../../src/change/journal.js';
import { readUndo } from '../../src/change/undo-file.js';
import { knobsOf } from '../../src/knobs/catalogue.js';
import { HOST_KNOBS } from '../../src/knobs/host.js';
import { deadmanPath } from '../../src/native.js';
import { tree } from '../host/fixture.js';
import { IS_ROOT } from '../host/processes.js';
import { thrown, workbench } from './bench.js';

const list = (lines: string, state = 'committed'): string =>
  `tunesmith-undo/1 ${state.padEnd(9, '_')} ${'-'.padEnd(9, '_')} ${'1'.padEnd(12, '_')} ${bootId()}\n${lines}`;

/** A directory with a list in it that somebody made up, and a file that is no knob. */
function planted(line: (file: string) => string): { dir: string; file: string; undo: string } {
  const dir = tree({ 'prey/cpu.weight': '8', 'prey/precious': '8', 'prey/sched/nr_migrate': '8' });
  chmodSync(dir, 0o700);
  const file = join(dir, 'prey/precious');
  const undo = join(dir, 'c1.undo');
  writeFileSync(undo, list(line(file)), { mode: 0o600 });
  return { dir, file, undo };
}

const REFUSED = { done: false, lines: ['c1: is no undo list of ours: nothing of it was done'] };

it('the deadman knows the knobs of the catalogue that are files, and no others', () => {
  const lines = execFileSync(deadmanPath(), ['--places'], { encoding: 'utf8' }).trim().split('\n');
  const inDebugfs = [...knobsOf('eevdf'), ...knobsOf('cfs')].map(({ debugfs }) =>
    debugfs.replace(/^sched\//, ''),
  );
  const sysctls = HOST_KNOBS.flatMap(({ name, home }) => (home === 'sysctl' ? [name] : []));
  expect(new Set(lines)).toEqual(
    new Set([
      ...sysctls.map((name) => `sysctl ${name}`),
      ...inDebugfs.map((name) => `debugfs ${name}`),
      ...['cgroup cpu.shares', 'cgroup cpu.weight'],
    ]),
  );
});

describe('panic refuses a list that names', () => {
  it.each([
    ['any file', (file: string) => file],
    ['another sysctl', () => '/proc/sys/kernel/core_pattern'],
    ['a sysctl by a way round', () => '/proc/sys/kernel/../kernel/sched_autogroup_enabled'],
    ['a file in /dev', () => '/dev/null'],
    ['a weight that is in no cgroup', (file: string) => file.replace('precious', 'cpu.weight')],
    ['a knob that is not in debugfs', (file: string) => file.replace('precious', 'sched/nr_migrate')],
    ['a relative path', () => 'cpu.weight'],
  ])('%s', (_, place) => {
    const { dir, file } = planted((prey) => `s\tfile\t${place(prey)}\t3\t8\t-\n`);
    expect(sweep('panic', dir)).toEqual(REFUSED);
    expect(readFileSync(file, 'utf8')).toBe('8');
  });

  it('one knob and one file: neither is written', () => {
    const { dir, file } = planted(
      (prey) => `s\tfile\t/proc/sys/kernel/sched_autogroup_enabled\t0\t1\t-\ns\tfile\t${prey}\t3\t8\t-\n`,
    );
    expect(sweep('panic', dir)).toEqual(REFUSED);
    expect(readFileSync(file, 'utf8')).toBe('8');
  });

  it.each([
    's\tslice\t1\town\t8\t-',
    's\tslice\t-1:5\town\t8\t-',
    's\tpolicy\tx\tnone\ta\t-',
    '@\tpid\t7',
    'q',
  ])('nonsense: %j', (line) => {
    const { dir } = planted(() => `${line}\n`);
    expect(sweep('panic', dir)).toEqual(REFUSED);
  });
});

describe('a list is refused', () => {
  /** A real one of a committed change, and where its value is. */
  function real() {
    const bench = workbench();
    const changes = bench.open();
    changes.commit(changes.stage({ values: { nr_migrate: 8 }, caller: 'a' }).token, { caller: 'a' });
    changes.close();
    const panic = () => sweep('panic', bench.dir, bench.home);
    return { bench, undo: join(bench.dir, 'c1.undo'), panic };
  }

  it('that is a link', () => {
    const { bench, undo, panic } = real();
    renameSync(undo, join(bench.home, 'elsewhere'));
    symlinkSync(join(bench.home, 'elsewhere'), undo);
    expect(panic().done).toBe(false);
    expect(readUndo(bench.dir, 'c1')).toBeNull();
    expect(bench.value('nr_migrate')).toBe(8);
  });

  it('that has a second name', () => {
    const { bench, undo, panic } = real();
    linkSync(undo, join(bench.home, 'elsewhere'));
    expect(panic()).toEqual(REFUSED);
    expect(bench.value('nr_migrate')).toBe(8);
  });

  it('that others may write', () => {
    const { bench, undo, panic } = real();
    chmodSync(undo, 0o620);
    expect(panic()).toEqual(REFUSED);
    chmodSync(undo, 0o600);
    expect(panic()).toEqual({ done: true, lines: ['c1: put back'] });
    expect(bench.value('nr_migrate')).toBe(32);
  });

  it('whose directory others may write', () => {
    const { bench, panic } = real();
    chmodSync(bench.dir, 0o777);
    expect(panic()).toMatchObject({
      done: false,
      lines: [expect.stringContaining('nothing of it is believed')],
    });
    expect(bench.value('nr_migrate')).toBe(8);
    chmodSync(bench.dir, 0o700);
  });

  it.skipIf(!IS_ROOT)('that belongs to another user, or lies in another’s directory', () => {
    const { bench, undo, panic } = real();
    chownSync(undo, 1000, 1000);
    expect(panic()).toEqual(REFUSED);
    chownSync(undo, 0, 0);
    chownSync(bench.dir, 1000, 1000);
    expect(panic()).toMatchObject({
      done: false,
      lines: [expect.stringContaining('belongs to another user')],
    });
    expect(bench.value('nr_migrate')).toBe(8);
    chownSync(bench.dir, 0, 0);
  });
});

it('a deadman stages nothing but a knob, under no other name than a change’s', () => {
  const { dir, file } = planted(() => '');
  const deadman = Deadman.start(dir, 60_000);
  const item = (place: string) => `.\tfile\t${place}\t8\t9\n`;
  expect(deadman.ask('stage', `c2\t60000\n${item(file)}`)).toEqual(['no', 'Invalid argument']);
  expect(deadman.ask('stage', `../c2\t60000\n`)).toEqual(['no', 'Invalid argument']);
  // By its name a knob, but in no file system of knobs: found out before it is opened for writing.
  const weight = file.replace('precious', 'cpu.weight');
  expect(deadman.ask('stage', `c3\t60000\n${item(weight)}`)).toEqual([
    ...['failed', '0', 'Operation not permitted', ''],
  ]);
  expect([file, weight].map((path) => readFileSync(path, 'utf8'))).toEqual(['8', '8']);
  deadman.end();
});

it('a journal that is a link is not opened', () => {
  const dir = tree({ 'elsewhere/': '' });
  mkdirSync(join(dir, 'state'));
  symlinkSync(join(dir, 'elsewhere/x.sqlite'), join(dir, 'state/changes.sqlite'));
  expect(thrown(() => new Journal(join(dir, 'state')))).toMatchObject({
    code: 'incapable',
    message: expect.stringContaining('is no plain file'),
  });
});
