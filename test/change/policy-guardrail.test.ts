/** A staged policy whose guardrail breaks, in a guest with sched_ext. */
import { expect, it } from 'vitest';
import type { Entry } from '../../src/lab/cpio.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { runModule, useGuest } from '../guest/guest.js';
import { runtimePolicies } from '../policies/runtime/compile.js';

const KERNEL = 'scx';
const { fifo } = await runtimePolicies(await resolveKernel(KERNEL), ['fifo']);
const extraFiles: Entry[] = [{ kind: 'file', path: '/policies/fifo.o', mode: 0o644, body: fifo }];
const guest = useGuest({ kernel: KERNEL, cpus: 2, extraFiles });

it('goes, and may not come back at once', async () => {
  const { status, stdout, stderr } = await runModule(
    guest(),
    `
    import { readFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { Transactions } from './dist/change/transactions.js';
    const state = () => readFileSync('/sys/kernel/sched_ext/state', 'utf8').trim();
    const object = readFileSync('/policies/fifo.o');
    const guardrails = [{ metric: 'runq_latency_p99_ns', rule: 'at most', value: 2e6, why: 'slo' }];
    let p99 = 1e6;
    const policy = { object, timeoutMs: 30_000, caller: 'a', ttlMs: 600_000, guardrails, metrics: () => ({ runq_latency_p99_ns: p99 }) };
    const changes = new Transactions();
    const { change } = await changes.stagePolicy(policy);
    const inForce = state();
    p99 = 5e6;
    for (let i = 0; i < 9000 && changes.find(change.id).state === 'staged'; i++) await sleep(100);
    const { endReason, notes } = changes.find(change.id);
    const again = await changes.stagePolicy({ ...policy, guardrails: [] }).then(
      () => 'staged', ({ code, message, hint }) => ({ code, message, hint }));
    console.log(JSON.stringify({ inForce, endReason, notes, after: state(), again }));
    changes.close();
    process.exit(0);
  `,
    { timeoutMs: 1_000_000 },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    inForce: 'enabled',
    endReason: 'guardrail',
    notes: [expect.stringContaining('runq_latency_p99_ns 5 ms')],
    after: 'disabled',
    again: {
      code: 'rejected',
      message: expect.stringContaining('ejected once, lately because: under fifo: runq_latency_p99_ns 5 ms'),
      hint: expect.stringContaining('it may be tried again in'),
    },
  });
});
