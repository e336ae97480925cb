import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const SUBJECT = new URL('subject.mjs', import.meta.url).pathname;
const DIST = new URL('../../dist/', import.meta.url).pathname;

export const subject = (): string => readFileSync(SUBJECT, 'utf8');

/** Runs a scenario of subject.mjs somewhere and returns its answer. */
export type Run = (scenario: string) => Promise<unknown>;

export const onThisMachine: Run = async (scenario) => {
  const { stdout } = await promisify(execFile)(process.execPath, [SUBJECT, DIST, scenario], {
    timeout: 600_000,
  });
  return JSON.parse(stdout);
};

interface Row {
  readonly comm: string;
  readonly involuntary: number;
  readonly voluntary: number;
  readonly latency: { readonly count: number; readonly p50: number; readonly sumNs: number };
  readonly slice: { readonly count: number; readonly p50: number; readonly sumNs: number };
  readonly offCpu: { readonly count: number; readonly p50: number; readonly sumNs: number };
}

interface Books {
  readonly tasks: readonly {
    /** On a CPU, waiting (ns), times it got a CPU: between the readings around the two snapshots. */
    readonly least: readonly [number, number, number];
    readonly most: readonly [number, number, number];
    readonly rows: readonly (Row | null)[];
  }[];
}

const within = (value: number, of: number, share: number, most = of): void => {
  expect(value).toBeGreaterThan(of * (1 - share));
  expect(value).toBeLessThan(most * (1 + share));
};

/** What holds of a sampler wherever it runs. */
export function samplerTests(run: Run): void {
  it('says of a task what the kernel’s books say, by either way of measuring', async () => {
    const { tasks } = (await run('books')) as Books;
    for (const { least, most, rows } of tasks) {
      const [ran, waited, times] = least;
      for (const row of rows) {
        expect(row).not.toBeNull();
        const { latency, slice, offCpu, involuntary, voluntary, comm } = row as Row;
        expect(comm).toBe('sh');
        // The interval that is under way at either end is in one account only.
        expect(slice.count).toBeGreaterThanOrEqual(times * 0.97 - 3);
        expect(slice.count).toBeLessThanOrEqual(most[2] * 1.03 + 3);
        expect(Math.abs(involuntary + voluntary - slice.count)).toBeLessThanOrEqual(3);
        expect(involuntary).toBeGreaterThan(slice.count * 0.8);
        within(latency.sumNs, waited, 0.15, most[1]);
        within(slice.sumNs, ran, 0.15, most[0]);
        within(offCpu.sumNs, waited, 0.15, most[1]); // it never sleeps: away is waiting
      }
      const [own, stamped] = rows as [Row, Row];
      within(stamped.latency.sumNs, own.latency.sumNs, 0.05);
      within(stamped.slice.p50, own.slice.p50, 0.1);
    }
  });

  it('watches only what it is asked to, and tells when a cgroup is gone', async () => {
    const { wanted, ...seen } = (await run('filters')) as { wanted: number; switches: number };
    expect(seen).toMatchObject({ process: [wanted], keys: 1, cgroupGone: [false, true] });
    expect(seen.switches).toBeGreaterThan(10);
    expect((seen as unknown as { events: number[] }).events[0]).toBe(0);
  });

  it('tells time that a quota takes from a wait for a CPU', async () => {
    interface Throttled {
      readonly row: Row & { readonly throttledNs: number; readonly throttles: number };
      readonly waited: readonly [least: number, most: number];
      readonly heldNs: readonly [least: number, most: number];
      readonly events: readonly { latencyNs: number; throttledNs: number; before?: object }[];
    }
    const seen = (await run('throttled')) as Record<'hog' | 'waker', Throttled>;
    for (const { row, waited, heldNs, events } of Object.values(seen)) {
      expect(heldNs[1]).toBeGreaterThan(5e8);
      // The wait that is under way at either end is in one account only: a period of 100 ms, or two.
      const near = (value: number, [least, most]: readonly [number, number]) => {
        expect(value).toBeGreaterThan(least * 0.9 - 3e8);
        expect(value).toBeLessThan(most * 1.1 + 3e8);
      };
      near(row.throttledNs, heldNs);
      near(row.throttledNs + row.latency.sumNs, waited);
      expect(row.throttles).toBeGreaterThan(5);
      const held = events.filter(({ throttledNs }) => throttledNs > 30e6);
      expect(held.length).toBeGreaterThan(0);
      for (const { latencyNs, before } of held) if (latencyNs < 30e6) expect(before).toBeUndefined();
    }
  });

  it('has a row for the root cgroup', async () => {
    const { all, rows } = (await run('cgroups')) as { all: number; rows: [number, number][] };
    expect(rows.map(([id]) => id)).toContain(1);
    const inRows = rows.reduce((sum, [, count]) => sum + count, 0);
    expect(inRows).toBeGreaterThanOrEqual(0.95 * all);
  });

  it('calls tasks and processes by their present names', async () => {
    const bytes = [...Buffer.from(`t${'é'.repeat(20)}`).subarray(0, 15)];
    const title = bytes.map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`));
    for (const names of (await run('names')) as string[][]) expect(names).toEqual(['sleep', title.join('')]);
  });

  it('knows how busy a CPU is whoever is looked at, in short windows too', async () => {
    for (const shares of (await run('busy')) as number[][])
      for (const share of shares) {
        expect(share).toBeGreaterThan(0.97);
        expect(share).toBeLessThan(1.03);
      }
  });

  it('gives up rows for new tasks, and counts them', async () => {
    const { keys, given } = (await run('eviction')) as { keys: number; given: number };
    expect(keys).toBeLessThanOrEqual(4);
    expect(given).toBeGreaterThan(5);
  });

  it('tells of a long wait with who had the CPU meanwhile', async () => {
    const found = (await run('outliers')) as {
      pids: number[];
      event: {
        tid: number;
        cpu: number;
        latencyNs: number;
        comm: string;
        before: { tid: number; ranNs: number };
      };
    };
    const { event, pids } = found;
    expect(event).toMatchObject({ cpu: 0, comm: 'sh' });
    expect(event.latencyNs).toBeGreaterThanOrEqual(500_000);
    expect(event.before.tid).not.toBe(event.tid);
    expect(event.before.ranNs).toBeLessThanOrEqual(event.latencyNs * 1.1);
    expect(pids).toContain(event.tid);
  });

  it('without privileges is refused by name, with the way out', async () => {
    expect(await run('unprivileged')).toMatchObject({
      name: 'TunesmithError',
      code: 'incapable',
      errno: 1,
      hint: expect.stringMatching(/CAP_BPF and CAP_PERFMON/),
    });
  });
}
