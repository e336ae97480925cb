import { execa } from 'execa';
import { describe, expect, it, vi } from 'vitest';
import { runLoad } from '../../src/host/load.js';
import { agentPath } from '../../src/native.js';
import { WorkloadDied } from '../../src/workloads/died.js';
import { IS_ROOT } from './processes.js';

vi.setConfig({ testTimeout: 600_000 });

const wakeup = {
  ...{ op: 'measure', workload: 'wakeup', seed: 1, warmup_ns: 1e6, window_ns: 2e7 },
  params: { messengers: 2, workers: 2, work_loops: 100, think_ns: 100_000 },
};

describe.skipIf(!IS_ROOT)('a load on this machine', () => {
  it('that gives no answer in time is ended', async () => {
    const idle = { workload: 'idle', params: {}, seed: 1, warmupNs: 0, windowNs: 3600e9 };
    const lost = runLoad(idle, -3599_000);
    await expect(lost).rejects.toThrow(/the load gave no answer within 1 s and was ended/);
    await expect(lost).rejects.toBeInstanceOf(WorkloadDied);
  });

  // Somewhere in here reading the counters fails while threads wait for the window's end.
  it('ends with an answer wherever it runs out of descriptors', async () => {
    const answers = [];
    for (let files = 4; files <= 40; files++) {
      const run = await execa('sh', ['-c', `ulimit -n ${files}; exec "$0" host`, agentPath()], {
        ...{ input: JSON.stringify(wakeup), reject: false, timeout: 1_200_000 },
      });
      expect({ files, timedOut: run.timedOut, signal: run.signal }).toEqual({
        files,
        timedOut: false,
        signal: undefined,
      });
      answers.push(JSON.parse(run.stdout) as { ok: boolean; error?: string });
    }
    expect(
      answers.some(({ error }) => /\/proc\/(stat|schedstat): Too many open files/.test(error ?? '')),
    ).toBe(true);
    expect(answers.at(-1)).toMatchObject({ ok: true });
  });
});
