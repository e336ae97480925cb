import { execa } from 'execa';
import { expect, it } from 'vitest';
import { agentPath, native } from '../../src/native.js';
import { HAS_SLICES, IS_ROOT } from './processes.js';

// It counts migrations with a perf event of every CPU.
it.skipIf(!HAS_SLICES || !IS_ROOT)('a load that gets a slice keeps its policy and nice', async () => {
  const request = {
    ...{ op: 'measure', workload: 'idle', params: {}, seed: 1 },
    ...{ warmup_ns: 1_000_000, window_ns: 60_000_000_000, slice_ns: 2_500_000 },
  };
  // SCHED_BATCH, nice 10: a comparison of slices is to be one of slices alone.
  const load = execa('nice', ['-n', '10', 'chrt', '--batch', '0', agentPath(), 'host'], {
    input: JSON.stringify(request),
    reject: false,
  });
  try {
    const now = () => native().readSched(load.pid as number);
    await expect.poll(() => now().sliceNs).toBe(2_500_000);
    expect(now()).toMatchObject({ policy: 3, nice: 10 });
  } finally {
    load.kill('SIGKILL');
    await load;
  }
});
