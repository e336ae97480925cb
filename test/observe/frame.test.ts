import { describe, expect, it } from 'vitest';
import type { KeyRow, Look, Percentiles } from '../../src/observe/figures.js';
import { frame } from '../../src/observe/frame.js';
import { type OutlierFacts, outlierLines } from '../../src/observe/outlier-line.js';
import { chosen, FIRST_VIEW, pressed } from '../../src/observe/view.js';

const percentiles = (p99Ns: number | null): Percentiles => ({
  count: 10,
  meanNs: p99Ns,
  p50Ns: p99Ns,
  p99Ns,
  p999Ns: p99Ns,
  maxNs: p99Ns ?? 0,
});
const row = (tid: number, comm: string, p99Ns: number | null, running = 0.1): KeyRow => ({
  ...{ tid, tgid: tid + 1000, cgroup: 1, comm, exited: false, running, waiting: 0.5, pmc: {} },
  ...{ throttled: 0, throttlesPerS: 0 },
  ...{ latency: percentiles(p99Ns), slice: percentiles(1e6) },
  ...{ voluntaryPerS: tid, involuntaryPerS: 12_345, migrationsPerS: 0 },
});
const look = (keys: readonly KeyRow[], cpus = 2): Look => ({
  lastedNs: 1e9,
  overall: { latency: percentiles(2e6), slice: percentiles(1e6), offCpu: percentiles(1e6) },
  latencySteps: [
    [0, 16, 100],
    [4096, 4352, 10],
    [1e6, 1.1e6, 1],
  ],
  cpus: Array.from({ length: cpus }, (_, cpu) => ({
    ...{ cpu, switchesPerS: 1000, busy: 0.5, waiting: 0.2, throttled: 0, eventNs: 300, ownShare: 0.002 },
  })),
  keys,
  left: { skipped: 0, rowless: 0, evicted: 0, forgotten: 0, lost: 0, shedding: false },
  cgroupGone: false,
});
const MANY = Array.from({ length: 200 }, (_, i) => row(i + 1, `task-with-a-name-${i}`, i * 1000));
const LONGEST = { tid: 4_194_304, comm: '\\x1b'.repeat(15) };
const outlier = (facts: Partial<OutlierFacts> = {}): OutlierFacts => ({
  ...{ comm: 'sh', tid: 1234, cpu: 0, latencyNs: 5.03e6, throttledNs: 0 },
  ...{ waker: { tid: 12, comm: 'timer' }, before: { tid: 1235, comm: 'hog', ranNs: 3.99e6 } },
  ...facts,
});
const around = {
  ...{ title: 'tunesmith observe · Linux 6.18', by: 'task', filtered: false },
  outliers: [outlier(), outlier({ ...LONGEST, waker: LONGEST, before: { ...LONGEST, ranNs: 1e6 } })],
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
const bare = (line: string) => line.replace(/\x1b\[[0-9;]*m/g, '');

describe('the screen', () => {
  it.each([
    [80, 24],
    [200, 50],
    [40, 10],
    [20, 3],
  ])('of %i × %i is never overrun', (columns, rows) => {
    for (const color of [true, false]) {
      const lines = frame(look(MANY, 64), FIRST_VIEW, around, { columns, rows, color });
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) expect([...bare(line)].length).toBeLessThanOrEqual(columns);
    }
  });

  it('without colour has no escape sequence', () => {
    const lines = frame(look(MANY), FIRST_VIEW, around, { columns: 80, rows: 24, color: false });
    expect(lines.join('')).not.toContain('\x1b');
  });

  it('puts the longest waits first and says what is not in the figures', () => {
    const one = look([row(1, 'calm', 1000), row(2, 'late', 9e6), row(3, 'new', null)]);
    const lines = frame(
      { ...one, left: { ...one.left, lost: 7, shedding: true }, cgroupGone: true },
      FIRST_VIEW,
      around,
      { columns: 100, rows: 24, color: false },
    );
    const names = lines.flatMap((line) => /^ +\d+ +\d+ (calm|late|new)/.exec(line)?.[1] ?? []);
    expect(names).toEqual(['late', 'calm', 'new']);
    expect(lines.join('\n')).toMatch(/not in these figures: 7 outliers lost, sheds .*, the cgroup is gone/);
  });

  it('has PIDs beside TIDs, and who woke an outlier even at 80 columns', () => {
    const lines = frame(look(MANY), FIRST_VIEW, around, { columns: 80, rows: 24, color: false });
    expect(lines.find((line) => line.includes('NAME'))).toMatch(/^ +PID +TID NAME +P99 +P50 +WAIT +CPU/);
    expect(lines.join('\n')).toContain(
      '\nsh 1234 waited 5.03 ms on cpu0, behind hog 1235 that ran 3.99 ms\n  woken by timer 12\n',
    );
  });

  it('tells what a quota took from a wait, and names nobody who had a CPU that was not wanted', () => {
    const held = outlier({ latencyNs: 7000, throttledNs: 80e6, before: undefined, waker: undefined });
    expect(outlierLines(held)).toEqual(['sh 1234 throttled by its quota for 80 ms, waited 7 µs on cpu0']);
    expect(outlierLines(outlier({ before: undefined, waker: undefined }))).toEqual([
      'sh 1234 waited 5.03 ms on cpu0, while the CPU was idle',
    ]);
    const lines = frame(look([{ ...row(1, 'held', 10), throttled: 0.9 }]), FIRST_VIEW, around, {
      ...{ columns: 80, rows: 24, color: false },
    });
    expect(lines.join('\n')).toMatch(/WAIT +THROTTLED +CPU/);
    expect(lines.join('\n')).toMatch(/held .* 50 % +90 %/);
  });

  it('names cgroups by their paths, the end of a long one', () => {
    const paths = ['/', `/system.slice/${'docker'.repeat(20)}-end.scope`, null];
    const rows = paths.map((path, i) => ({ ...row(i + 1, 'x', 1000 - i), path, cgroup: 70 + i }));
    const lines = frame(
      look(rows),
      FIRST_VIEW,
      { ...around, by: 'cgroup' },
      {
        ...{ columns: 80, rows: 24, color: false },
      },
    );
    const names = lines.flatMap(
      (line) => /^ (\/ |…\S*end\.scope|\(number 72\))/.exec(line)?.[1]?.trim() ?? [],
    );
    expect(names).toEqual(['/', expect.stringMatching(/^…(docker)*.*-end\.scope$/), '(number 72)']);
  });

  it('shows no CPU’s waiting beside its busy share when only some tasks are looked at', () => {
    const screen = { columns: 80, rows: 24, color: false };
    const text = frame(look(MANY), FIRST_VIEW, { ...around, filtered: true }, screen).join('\n');
    expect(text).toContain('cpu0 50 % busy, 1000/s');
    expect(text).not.toContain('waiting');
  });

  it('without rows has no table, and says nothing of what ran', () => {
    const screen = { columns: 80, rows: 24, color: false };
    const text = frame(look([]), FIRST_VIEW, { ...around, by: 'nothing' }, screen).join('\n');
    expect(text).not.toMatch(/nothing ran|NAME/);
  });

  it('scrolls, keeps the last page whole and says which rows these are', () => {
    const screen = { columns: 80, rows: 24, color: false };
    const shown = (top: number) => frame(look(MANY), { ...FIRST_VIEW, top }, around, screen);
    const first = (lines: string[]) =>
      lines
        .find((line) => line.includes('task-with'))
        ?.trim()
        .split(/\s+/)[1];
    expect([first(shown(0)), first(shown(7))]).toEqual(['200', '193']);
    expect(shown(1e9).filter((line) => line.includes('task-with')).length).toBe(
      shown(0).filter((line) => line.includes('task-with')).length,
    );
    expect(shown(7).at(-1)).toMatch(/^8–\d+ of 200 {2}\? help/);
  });

  it('explains its keys and columns', () => {
    for (const [columns, rows] of [
      [80, 24],
      [200, 50],
      [40, 8],
    ] as const) {
      const lines = frame(look(MANY), { ...FIRST_VIEW, help: true }, around, { columns, rows, color: false });
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns);
      expect(lines.join('\n')).toMatch(/filter by part/);
    }
  });

  it('of a machine on which nothing ran says so', () => {
    const lines = frame(look([]), FIRST_VIEW, around, { columns: 80, rows: 24, color: false });
    expect(lines).toContain('(nothing ran)');
    const named = frame(look([]), { ...FIRST_VIEW, name: /^redis/ }, around, {
      ...{ columns: 80, rows: 24, color: false },
    });
    expect(named).toContain('(nothing named ^redis)');
  });
});

describe('keys', () => {
  const typed = (text: string) =>
    [...text].reduce((view, sequence) => pressed(view, { sequence }), FIRST_VIEW);

  it('sort, filter, pause and quit', () => {
    expect(typed('s').sort).toBe('wait');
    expect(typed('ssss').sort).toBe('p99');
    expect(typed('p').paused).toBe(true);
    expect(typed('pp').paused).toBe(false);
    expect(typed('q').quit).toBe(true);
    expect(pressed(FIRST_VIEW, { name: 'c', ctrl: true }).quit).toBe(true);
    expect(typed('x')).toEqual(FIRST_VIEW);
    expect(typed('?').help).toBe(true);
    expect(typed('??').help).toBe(false);
    expect(typed('?q')).toEqual(FIRST_VIEW);
  });

  it('scroll by rows and pages, to the ends and no further', () => {
    const tops = (...names: string[]) =>
      names.reduce((view, name) => pressed(view, { name }, 35), FIRST_VIEW).top;
    expect(tops('down', 'down', 'up')).toBe(1);
    expect(tops('pagedown', 'j')).toBe(11);
    expect(tops('up', 'pageup')).toBe(0);
    expect(tops('end', 'down')).toBe(34);
    expect(tops('end', 'home')).toBe(0);
    expect(pressed(FIRST_VIEW, { sequence: 'G', name: 'g', shift: true }, 35).top).toBe(34);
    expect(pressed(FIRST_VIEW, { name: 'down' }, 0).top).toBe(0);
  });

  it('while a filter is typed are the filter’s', () => {
    const typing = typed('/sqp');
    expect(typing).toMatchObject({ typing: true, filter: 'sqp', paused: false, quit: false });
    expect(pressed(typing, { name: 'backspace', sequence: '\x7f' }).filter).toBe('sq');
    expect(pressed(typing, { name: 'return', sequence: '\r' })).toMatchObject({
      typing: false,
      filter: 'sqp',
    });
    expect(pressed(typing, { name: 'escape', sequence: '\x1b' })).toMatchObject({
      typing: false,
      filter: '',
    });
  });

  it('choose rows by name or number', () => {
    const rows = [row(12, 'nginx', 5), row(3, 'pg12', 4), row(7, 'redis', 9)];
    const tids = (filter: string) => chosen(rows, { ...FIRST_VIEW, filter }).map(({ tid }) => tid);
    expect(tids('12')).toEqual([12, 3]);
    expect(tids('1007')).toEqual([7]);
    expect(chosen(rows, { ...FIRST_VIEW, name: /^re|^ng/ }).map(({ tid }) => tid)).toEqual([7, 12]);
    expect(tids('red')).toEqual([7]);
    expect(tids('')).toEqual([7, 12, 3]);
  });
});
