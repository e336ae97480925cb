import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MachineMetrics } from '../../src/mcp/desk/metrics.js';
import { native } from '../../src/native.js';

describe.runIf(native().bpf().program.ok)('the machine’s metrics', () => {
  it('are whole for every reader, also for those who come while the first window is under way', async () => {
    const metrics = new MachineMetrics();
    onTestFinished(() => metrics.close());
    const first = metrics.read();
    await sleep(200);
    const others = [metrics.read(), metrics.source()()];
    for (const seen of await Promise.all([first, ...others])) {
      expect(seen).toHaveProperty('runq_latency_p99_ns');
      expect(seen.switches_per_s).toBeGreaterThan(0);
      expect(seen.idle_share).toBeGreaterThanOrEqual(0);
      expect(seen.idle_share).toBeLessThanOrEqual(1);
    }
    expect(await metrics.read()).toHaveProperty('runq_latency_p99_ns');
  });

  it('are refused, not empty, when the desk closes during the first window', async () => {
    const metrics = new MachineMetrics();
    const reading = metrics.read();
    metrics.close();
    await expect(reading).rejects.toThrow(/closed while it measured/);
  });
});
