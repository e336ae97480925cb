import { describe, expect, it } from 'vitest';
import { type Run, samplerTests, subject } from '../telemetry/scenarios.js';
import { useGuest } from './guest.js';

describe.each([{ kernel: 'cfs' }, { kernel: 'scx' }, { kernel: 'newest' }])(
  'the sampler in a guest with Linux $kernel',
  ({ kernel }) => {
    const guest = useGuest({ kernel, cpus: 2 });
    const run: Run = async (scenario) => {
      const { status, stdout, stderr } = await guest().exec(
        ['node', '--input-type=module', '-', '/tunesmith/dist', scenario],
        { stdin: subject(), timeoutMs: 1_000_000 },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return JSON.parse(stdout);
    };

    samplerTests(run);

    it('goes on when a CPU goes and comes back', async () => {
      const { cpus, events } = (await run('hotplug')) as { cpus: number; events: number[] };
      expect(cpus).toBe(2);
      expect(events[1]).toBeGreaterThan(5);
    });
  },
);
