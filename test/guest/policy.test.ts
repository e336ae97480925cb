import { describe, expect, it, vi } from 'vitest';
import type { Entry } from '../../src/lab/cpio.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { runtimePolicies } from '../policies/runtime/compile.js';
import { runModule, tunesmith, useGuest } from './guest.js';

// Each call starts Node anew, which takes an emulated CPU seconds, and a busy host many.
vi.setConfig({ testTimeout: 1_200_000 });

const KERNEL = 'scx';
const NAMES = ['fifo', 'quitter', 'unchecked', 'refuser', 'restarter'] as const;
const objects = await runtimePolicies(await resolveKernel(KERNEL), NAMES);
const extraFiles = NAMES.map(
  (name): Entry => ({ kind: 'file', path: `/policies/${name}.o`, mode: 0o644, body: objects[name] }),
);

const guest = useGuest({ kernel: KERNEL, cpus: 2, extraFiles });

/** The guest’s clock is the host’s, and a busy host keeps a guest waiting for seconds: that is no stall. */
const CALM = 'const CALM = { timeoutMs: 30_000 };';

/** Lines before every script: a policy by name, and the kernel’s own word on what is in force. */
const PRELUDE = `
  import { spawn } from 'node:child_process';
  import { readFileSync, writeFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  import { Breaker, guard, Policy } from './dist/index.js';
  const objectOf = (name) => readFileSync('/policies/' + name + '.o');
  ${CALM}
  const state = () => readFileSync('/sys/kernel/sched_ext/state', 'utf8').trim();
  const until = async (ready) => { for (let i = 0; i < 40_000 && !ready(); i++) await sleep(25); };
  const say = (what) => console.log(JSON.stringify(what));
  const failing = (work) => { try { return work(); } catch ({ code, message, hint, errno }) { return { code, message, hint, errno }; } };
`;

async function script<T>(body: string): Promise<T> {
  const { status, stdout, stderr } = await runModule(guest(), PRELUDE + body, { timeoutMs: 1_000_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

const sh = (text: string) => guest().exec(['sh', '-c', text], { timeoutMs: 1_000_000 });
const stateNow = async () => (await sh('cat /sys/kernel/sched_ext/state')).stdout.trim();

describe('Policy, in a guest with sched_ext', () => {
  it('opens, sets, loads, attaches, counts, changes while it runs, and detaches', async () => {
    const seen = await script(`
      const policy = Policy.open(objectOf('fifo'), { tunables: { slice_ns: 2_000_000, eager: true }, timeoutMs: 19_000 });
      const variables = policy.variables();
      const { programs, timeoutMs, declaredTimeoutMs } = policy.load();
      const attached = policy.attach();
      policy.set('live_slice_ns', 700_000);
      const hogs = Array.from({ length: 4 }, () => spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }));
      await until(() => policy.status().figures.nr_enqueued > 0); // an idle CPU would take each task past the queue
      for (const hog of hogs) hog.kill('SIGKILL');
      const { events, ...running } = policy.status();
      const constant = failing(() => policy.set('slice_ns', 5));
      policy.detach();
      const after = policy.status();
      policy.close();
      say({ variables, programs: programs.map(({ name }) => name), timeoutMs, declaredTimeoutMs, attached: attached.enabled,
            running, events: Object.keys(events).length, constant, after, state: state(), closed: failing(() => policy.status()) });
    `);
    expect(seen).toMatchObject({
      programs: ['fifo_enqueue', 'fifo_exit'],
      timeoutMs: 19_000,
      declaredTimeoutMs: 20_000,
      attached: true,
      running: { name: 'fifo', ops: 'fifo', enabled: true, exit: null, figures: { live_slice_ns: 700_000 } },
      constant: { code: 'usage', message: expect.stringContaining('constant') },
      after: { enabled: false, attached: false, exit: { kind: 64, source: 'record' } },
      state: 'disabled',
      closed: { code: 'usage' },
    });
    const { variables, running, events } = seen as {
      variables: object[];
      running: { figures: Record<string, number> };
      events: number;
    };
    expect(variables).toContainEqual({ name: 'slice_ns', type: 'u64', constant: true, value: 2_000_000 });
    expect(variables).toContainEqual({ name: 'eager', type: 'bool', constant: true, value: 1 });
    expect(running.figures.nr_enqueued).toBeGreaterThan(0);
    expect(events).toBeGreaterThan(3);
  });

  it('says why it cannot: unknown tunables, wrong values, the verifier, init, a second policy', async () => {
    const seen = await script<Record<string, unknown>>(`
      const tunables = (values) => failing(() => Policy.open(objectOf('fifo'), { tunables: values }));
      const unchecked = Policy.open(objectOf('unchecked'));
      const refuser = Policy.open(objectOf('refuser'));
      refuser.load();
      const refused = failing(() => refuser.attach());
      const [first, second] = [Policy.open(objectOf('fifo'), CALM), Policy.open(objectOf('fifo'), CALM)];
      first.load(); first.attach(); second.load();
      const twice = failing(() => second.attach());
      first.close();
      say({ unknown: tunables({ slice: 1 }), wide: tunables({ bias: 2 ** 40 }), real: tunables({ bias: 1.5 }),
            object: failing(() => Policy.open(Buffer.from('none'))), timeout: failing(() => Policy.open(objectOf('fifo'), { timeoutMs: 50 })),
            unchecked: failing(() => unchecked.load()), refused, twice, state: state() });
    `);
    expect(seen).toMatchObject({
      unknown: { code: 'usage', hint: expect.stringContaining('slice_ns') },
      wide: { code: 'usage', message: expect.stringContaining('s32') },
      real: { code: 'usage', message: expect.stringContaining('whole number') },
      object: { code: 'usage' },
      timeout: { code: 'usage', message: expect.stringContaining('100 to 30000') },
      unchecked: { code: 'rejected', errno: 13, hint: expect.stringContaining('map_value_or_null') },
      refused: { code: 'rejected', message: expect.stringContaining('ops.init() failed') },
      twice: { code: 'incapable', message: expect.stringContaining('fifo is in force') },
      state: 'disabled',
    });
  });

  it('names the capabilities that are missing', async () => {
    const body = `${PRELUDE} say(failing(() => Policy.open(objectOf('fifo'), CALM).load()));`;
    const drop = [
      'setpriv',
      '--bounding-set',
      '-bpf,-perfmon,-sys_admin',
      '--inh-caps',
      '-bpf,-perfmon,-sys_admin',
    ];
    const done = await guest().exec([...drop, 'node', '--input-type=module'], { stdin: body });
    expect(JSON.parse(done.stdout || done.stderr)).toMatchObject({
      code: 'incapable',
      message: expect.stringContaining('CAP_BPF and CAP_PERFMON'),
    });
  });

  it('is ejected when its process is killed', async () => {
    const holding = `${PRELUDE} const p = Policy.open(objectOf('fifo'), CALM); p.load(); p.attach(); console.log('on'); await sleep(1e8);`;
    await guest().put('/tmp/hold.mjs', holding.replaceAll('./dist', '/tunesmith/dist'));
    const done = await sh(`
      node /tmp/hold.mjs > /tmp/hold.out 2>&1 & pid=$!
      for i in $(seq 200); do grep -q on /tmp/hold.out && break; sleep 0.1; done
      cat /sys/kernel/sched_ext/state
      kill -KILL $pid; wait $pid
      for i in $(seq 100); do grep -q disabled /sys/kernel/sched_ext/state && break; sleep 0.1; done
      cat /sys/kernel/sched_ext/state`);
    expect(done.stdout.trim().split('\n')).toEqual(['enabled', 'disabled']);
  });
});

describe('the circuit breaker', () => {
  const guarded = (rest: string) => `
    const breaker = new Breaker('test-' + process.pid, { home: '/tmp/breakers', firstMs: 30_000 });
    const policy = Policy.open(objectOf(NAME), { ...CALM, tunables: TUNABLES });
    policy.load(); policy.attach();
    ${rest}
    say({ ...end, state: state(), open: failing(() => breaker.assertClosed()) });`;
  const run = (name: string, tunables: object, rest: string) =>
    script(guarded(rest).replace('NAME', `'${name}'`).replace('TUNABLES', JSON.stringify(tunables)));

  it('opens when the kernel ejects the policy, and says why', async () => {
    const seen = await run(
      'quitter',
      { quit_after: 5 },
      'const end = await guard(policy, breaker, { intervalMs: 50 });',
    );
    expect(seen).toMatchObject({
      cause: 'ejected',
      explanation: expect.stringContaining('quits after 5 tasks'),
      waitMs: 30_000,
      state: 'disabled',
      open: {
        code: 'rejected',
        message: expect.stringContaining('once'),
        hint: expect.stringContaining('s'),
      },
    });
  });

  it.each([
    ["() => 'p99 is 40 ms, 10 are allowed'", 'p99 is 40 ms'],
    ["() => { throw new Error('no sampler'); }", 'no sampler'],
  ])('detaches the policy when the guardrail %s', async (guardrail, words) => {
    const seen = await run(
      'fifo',
      {},
      `const end = await guard(policy, breaker, { guardrail: ${guardrail} });`,
    );
    expect(seen).toMatchObject({
      cause: 'guardrail',
      explanation: expect.stringContaining(words),
      state: 'disabled',
      open: { code: 'rejected' },
    });
  });

  /** The one asks by itself, the other has no cpu_offline, for which the kernel asks. */
  it.each(['restarter', 'fifo'])(
    'stays closed when %s asks to be started again, as a CPU goes',
    async (name) => {
      const seen = await run(
        name,
        {},
        `const online = (there) => writeFileSync('/sys/devices/system/cpu/cpu1/online', there);
      const watched = guard(policy, breaker, { intervalMs: 50 });
      await sleep(200);
      online('0');
      const end = await watched;
      online('1');
      const next = Policy.open(objectOf(NAME), CALM);
      next.load();
      end.again = next.attach().enabled;
      next.close();`.replaceAll('NAME', `'${name}'`),
      );
      expect(seen).toMatchObject({
        cause: 'restart',
        explanation: expect.stringContaining(`${name} asks to be started again`),
        waitMs: 0,
        again: true,
      });
      expect(seen).not.toHaveProperty('open');
    },
  );

  it('stays closed when the policy is stopped', async () => {
    const seen = await run(
      'fifo',
      {},
      'const end = await guard(policy, breaker, { intervalMs: 50, signal: AbortSignal.timeout(300) });',
    );
    expect(seen).toMatchObject({ cause: 'stopped', waitMs: 0, state: 'disabled' });
    expect(seen).not.toHaveProperty('open');
  });
});

describe('tunesmith policy', () => {
  const QUITTER = ['/policies/quitter.o', '--tunable', 'quit_after=5'];

  const ROOT_OPS = 'cat /sys/kernel/sched_ext/root/ops 2>/dev/null || cat /sys/kernel/sched_ext/state';
  /** Stages fifo and waits for its token. */
  const STAGE = `
    stage() {
      tunesmith policy apply /policies/fifo.o --tunable slice_ns=1ms --policy-timeout 30s --json "$@" > /tmp/apply.out 2> /tmp/apply.err & pid=$!
      for i in $(seq 6000); do grep -q token /tmp/apply.out && break; sleep 0.1; done
      token=$(sed -n 's/.*"token":"\\([^"]*\\)".*/\\1/p' /tmp/apply.out)
    }
    gone() { for i in $(seq 3000); do grep -q disabled /sys/kernel/sched_ext/state && break; sleep 0.1; done; }`;

  it('applies until it is reverted', async () => {
    const done = await sh(`${STAGE}
      stage --ttl 1h
      ${ROOT_OPS}
      tunesmith change list
      tunesmith policy revert --json > /tmp/revert.out
      wait $pid; echo "status $?"; ${ROOT_OPS}`);
    const [ops, listed, , ...rest] = done.stdout.trim().split('\n');
    expect([ops, rest]).toEqual(['fifo', ['status 1', 'disabled']]);
    expect(listed).toMatch(/^c\d+ is staged, 35\d\d s left/);
    const staged = JSON.parse((await sh('cat /tmp/apply.out')).stdout);
    expect(staged).toMatchObject({
      schema: 'tunesmith.staged/1',
      change: { policy: 'fifo', state: 'staged', after: { slice_ns: 1_000_000 }, ttlMs: 3_600_000 },
    });
    expect(JSON.parse((await sh('cat /tmp/revert.out')).stdout)).toMatchObject({
      change: { id: staged.change.id, state: 'reverted', endReason: 'asked' },
    });
    const none = await tunesmith(guest(), 'policy', 'revert');
    expect(none).toMatchObject({ status: 0, stdout: expect.stringContaining('no policy') });
  });

  it('puts a policy back when its time is over, at Ctrl-C, and at SIGKILL', async () => {
    const done = await sh(`${STAGE}
      stage --ttl 2s; wait $pid; echo "ttl $?"; ${ROOT_OPS}; tail -1 /tmp/apply.err
      stage --ttl 1h; kill -INT $pid; wait $pid; echo "int $?"; ${ROOT_OPS}
      stage --ttl 1h; kill -KILL $pid; wait $pid; gone; ${ROOT_OPS}`);
    expect(done.stdout.trim().split('\n')).toEqual([
      ...['ttl 1', 'disabled', expect.stringContaining('because its time ran out')],
      ...['int 1', 'disabled', 'disabled'],
    ]);
  });

  it('keeps a committed policy beyond its process, until panic', async () => {
    const done = await sh(`${STAGE}
      stage --ttl 1h
      tunesmith change commit "$token" > /dev/null; wait $pid; echo "status $?"; ${ROOT_OPS}
      tunesmith change list
      tunesmith panic > /tmp/panic.out; echo "panic $?"; gone; ${ROOT_OPS}`);
    const lines = done.stdout.trim().split('\n');
    expect(lines).toEqual([
      ...['status 0', 'fifo', expect.stringMatching(/^c\d+ is committed/), expect.anything()],
      ...['panic 0', 'disabled'],
    ]);
  });

  it('puts a policy back when its guardrail is broken', async () => {
    const done = await sh(`${STAGE}
      stage --ttl 1h --guard 'switches_per_s<=0.001'
      wait $pid; echo "status $?"; ${ROOT_OPS}; cat /tmp/apply.err`);
    expect(done.stdout).toMatch(/^status 1\ndisabled\n/);
    expect(done.stdout).toContain('because a guardrail was breached');
  });

  it('comes back at once when it asked to', async () => {
    const done = await sh(`${STAGE.replace('fifo.o --tunable slice_ns=1ms', 'restarter.o')}
      online() { echo $1 > /sys/devices/system/cpu/cpu1/online; }
      stage --ttl 1h; online 0; wait $pid; echo "status $?"; ${ROOT_OPS}; online 1; grep -o 'asks to be started again' /tmp/apply.err | head -1
      stage --ttl 1h; ${ROOT_OPS}; tunesmith policy revert > /dev/null; wait $pid`);
    expect(done.stdout.trim().split('\n')).toEqual([
      ...['status 1', 'disabled', 'asks to be started again', 'restarter'],
    ]);
  });

  it('refuses to come back after an ejection, until it is told to', async () => {
    const apply = (...more: string[]) =>
      tunesmith(guest(), 'policy', 'apply', ...QUITTER, '--policy-timeout', '30s', ...more);
    expect(await apply()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('quits after 5 tasks'),
    });
    expect(await stateNow()).toBe('disabled');
    expect(await apply()).toMatchObject({ status: 1, stderr: expect.stringContaining('tried again in') });
    expect((await apply('--reset-breaker')).stderr).toContain('quits after 5 tasks');
  });
});
