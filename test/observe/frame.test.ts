import { describe, expect, it } from 'vitest';
import type { KeyRow, Look, Percentiles } from '../../src/observe/figures.js';
import { frame } from '../../src/observe/frame.js';
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
  ...{ tid, tgid: tid, cgroup: 1, comm, exited: false, running, waiting: 0.5, pmc: {} },
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
    ...{ cpu, switchesPerS: 1000, busy: 0.5, waiting: 0.2, eventNs: 300, ownShare: 0.002 },
  })),
  keys,
  left: { skipped: 0, rowless: 0, evicted: 0, forgotten: 0, lost: 0, shedding: false },
  cgroupGone: false,
});
const MANY = Array.from({ length: 200 }, (_, i) => row(i + 1, `task-with-a-name-${i}`, i * 1000));
const around = { title: 'tunesmith observe · Linux 6.18', outliers: ['a waited '.repeat(40)], by: 'task' };

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
    const names = lines.flatMap((line) => /^ +\d+ (calm|late|new)/.exec(line)?.[1] ?? []);
    expect(names).toEqual(['late', 'calm', 'new']);
    expect(lines.join('\n')).toMatch(/not in these figures: 7 outliers lost, sheds .*, the cgroup is gone/);
  });

  it('of a machine on which nothing ran says so', () => {
    const lines = frame(look([]), FIRST_VIEW, around, { columns: 80, rows: 24, color: false });
    expect(lines).toContain('(nothing ran)');
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
    expect(tids('red')).toEqual([7]);
    expect(tids('')).toEqual([7, 12, 3]);
  });
});
