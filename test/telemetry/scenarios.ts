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
    readonly kernel: readonly [number, number, number];
    readonly rows: readonly (Row | null)[];
  }[];
}

const within = (value: number, of: number, share: number): void => {
  expect(value).toBeGreaterThan(of * (1 - share));
  expect(value).toBeLessThan(of * (1 + share));
};

/** What holds of a sampler wherever it runs. */
export function samplerTests(run: Run): void {
  it('says of a task what the kernel’s books say, by either way of measuring', async () => {
    const { tasks } = (await run('books')) as Books;
    for (const { kernel, rows } of tasks) {
      const [ran, waited, times] = kernel;
      for (const row of rows) {
        expect(row).not.toBeNull();
        const { latency, slice, offCpu, involuntary, voluntary, comm } = row as Row;
        expect(comm).toBe('sh');
        // The stay that is under way at either end is in one account only, as are those that end between the readings.
        expect(Math.abs(slice.count - times)).toBeLessThanOrEqual(3 + times * 0.03);
        expect(Math.abs(involuntary + voluntary - slice.count)).toBeLessThanOrEqual(3);
        expect(involuntary).toBeGreaterThan(slice.count * 0.8);
        within(latency.sumNs, waited, 0.15);
        within(slice.sumNs, ran, 0.15);
        within(offCpu.sumNs, waited, 0.15); // it never sleeps: away is waiting
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
