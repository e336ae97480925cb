/** Transactions on a real kernel's knobs. */
import { describe, expect, it } from 'vitest';
import type { FaultReport } from '../../src/bench/control/faults.js';
import { changeListSchema } from '../../src/change/schema.js';
import { tunesmith, useGuest } from './guest.js';

// Every command starts Node anew, which takes an emulated CPU seconds, and a busy host many.

const guest = useGuest({ kernel: 'scx', cpus: 2 });
const sh = async (script: string) =>
  (await guest().exec(['sh', '-c', script], { timeoutMs: 1_000_000 })).stdout.trim();
const SLICE = '/sys/kernel/debug/sched/base_slice_ns';
const slice = () => sh(`cat ${SLICE}`);

/** Stages in the background and waits until it is in force; its output is in /tmp/staged. */
const stage = (words: string) =>
  sh(`rm -f /tmp/staged /tmp/notes; tunesmith change stage ${words} > /tmp/staged 2> /tmp/notes & echo $! > /tmp/pid
      for i in $(seq 1500); do grep -qs token /tmp/staged && break; sleep 0.1; done; cat /tmp/staged /tmp/notes`);
const gone = () =>
  sh(
    'for i in $(seq 1500); do kill -0 $(cat /tmp/pid) 2> /dev/null || break; sleep 0.1; done; cat /tmp/notes',
  );
const pids = () => sh('pgrep -x tunesmith-deadm');

describe('a staged slice', () => {
  it('stays after a commit from another process', async () => {
    const before = await slice();
    const said = await stage('--set base_slice_ns=6ms --ttl 10m --reason test');
    const token = /chg_\w+/.exec(said)?.[0] ?? '';
    expect(await slice()).toBe('6000000');
    const done = await tunesmith(guest(), 'change', 'commit', token);
    expect(done).toMatchObject({ status: 0 });
    expect(await gone()).toContain('is committed');
    expect(await slice()).toBe('6000000');
    const listed = await tunesmith(guest(), 'change', 'list', '--json');
    expect(changeListSchema.parse(JSON.parse(listed.stdout)).changes).toMatchObject([{ state: 'committed' }]);
    expect(await tunesmith(guest(), 'change', 'revert', 'c1')).toMatchObject({ status: 0 });
    expect(await slice()).toBe(before);
  });

  it('is put back when the wall clock jumps no sooner and no later', async () => {
    const before = await slice();
    const said = await stage('--set base_slice_ns=7ms --ttl 1h');
    const token = /chg_\w+/.exec(said)?.[0] ?? '';
    await sh('date -s "+10 years"; sleep 1');
    expect(await slice()).toBe('7000000');
    await sh('date -s "-20 years"; sleep 1');
    expect(await slice()).toBe('7000000');
    expect(await tunesmith(guest(), 'change', 'revert', token)).toMatchObject({ status: 0 });
    expect(await gone()).toContain('because somebody asked for it');
    expect(await slice()).toBe(before);
    const short = await stage('--set base_slice_ns=7ms --ttl 2s');
    expect(short).toContain('token');
    await sh('date -s "-1 year"');
    expect(await gone()).toContain('because its time ran out');
    expect(await slice()).toBe(before);
  });

  it('goes with Node when Node is killed, by its deadman alone', async () => {
    const before = await slice();
    await stage('--set base_slice_ns=8ms --ttl 1h');
    expect(await slice()).toBe('8000000');
    await sh('kill -9 $(cat /tmp/pid)');
    await expect.poll(slice).toBe(before);
    await expect.poll(pids).toBe('');
  });

  it('is put back at the next start when both are killed', async () => {
    const before = await slice();
    await stage('--set base_slice_ns=9ms --ttl 1h');
    await sh('kill -STOP $(cat /tmp/pid); kill -9 $(pgrep -x tunesmith-deadm); kill -9 $(cat /tmp/pid)');
    expect(await slice()).toBe('9000000');
    const listed = await tunesmith(guest(), 'change', 'list', '--all', '--json');
    expect(JSON.parse(listed.stdout).changes[0]).toMatchObject({ state: 'expired', endReason: 'recovery' });
    expect(await slice()).toBe(before);
  });

  it('is left to whoever writes it in between', async () => {
    const before = await slice();
    const token = /chg_\w+/.exec(await stage('--set base_slice_ns=6ms'))?.[0] ?? '';
    await sh(`echo 5555555 > ${SLICE}`);
    const done = await tunesmith(guest(), 'change', 'revert', token, '--json');
    expect(JSON.parse(done.stdout).items[0]).toMatchObject({ fate: 'foreign', found: '5555555' });
    expect(await slice()).toBe('5555555');
    await sh(`echo ${before} > ${SLICE}`);
    await gone();
  });
});

it('panic puts everything back, committed changes too, and needs no Node', async () => {
  const before = await slice();
  const weight = 'sched_cfs_bandwidth_slice_us';
  const committed = /chg_\w+/.exec(await stage(`--set ${weight}=9ms`))?.[0] ?? '';
  await tunesmith(guest(), 'change', 'commit', committed);
  await gone();
  await stage('--set base_slice_ns=6ms --ttl 1h');
  const out = await sh('/tunesmith/prebuilds/linux-*/tunesmith-deadman --panic /var/lib/tunesmith/change');
  expect(out.split('\n').filter((line) => line.endsWith(': put back')).length).toBeGreaterThan(0);
  expect(await slice()).toBe(before);
  expect(await sh(`cat /proc/sys/kernel/${weight}`)).toBe('5000');
  const done = await tunesmith(guest(), 'panic', '--json');
  expect(done).toMatchObject({ status: 0 });
  const states = JSON.parse((await tunesmith(guest(), 'change', 'list', '--all', '--json')).stdout).changes;
  expect(states.slice(0, 2)).toMatchObject([
    { state: 'reverted' },
    { state: 'reverted', endReason: 'panic' },
  ]);
});

it('a full disk lets nothing be staged', async () => {
  const before = await slice();
  await sh(
    'mkdir -p /full && mount -t tmpfs -o size=200k none /full && dd if=/dev/zero of=/full/fill bs=1k 2> /dev/null',
  );
  const done = await guest().exec(['tunesmith', 'change', 'stage', '--set', 'base_slice_ns=6ms', '--json'], {
    env: { XDG_STATE_HOME: '/full' },
    timeoutMs: 1_000_000,
  });
  expect(done.status).toBe(3);
  expect(JSON.parse(done.stdout).error).toMatchObject({ code: 'incapable' });
  expect(await slice()).toBe(before);
});

it('a staged slice of tasks goes back to the tasks and to what they started', async () => {
  await sh(`sh -c 'sleep 1000 & while [ ! -e /tmp/fork ]; do sleep 0.1; done; sleep 1001 & sleep 1002' > /dev/null 2>&1 &
    echo $! > /tmp/tree; sleep 1`);
  const token =
    /chg_\w+/.exec(await stage(`--set slice_ns=20ms --scope tree:$(cat /tmp/tree) --ttl 1h`))?.[0] ?? '';
  await sh('touch /tmp/fork; sleep 2');
  const slices = async () =>
    (
      await guest().exec(['node', '--input-type=module'], {
        stdin: `import { native } from './dist/native.js'; import { withDescendants } from './dist/host/tasks.js';
          import { readFileSync } from 'node:fs';
          const root = Number(readFileSync('/tmp/tree', 'utf8'));
          console.log([...withDescendants([root])].map((pid) => native().readSched(pid).sliceNs).join());`,
      })
    ).stdout.trim();
  expect(new Set((await slices()).split(','))).toEqual(new Set(['20000000']));
  expect((await slices()).split(',').length).toBeGreaterThan(2);
  expect(await tunesmith(guest(), 'change', 'revert', token)).toMatchObject({ status: 0 });
  expect(new Set((await slices()).split(','))).toEqual(new Set([await slice()]));
});

it('a task that slept while base_slice_ns changed has the kernel’s slice, and gets that back', async () => {
  const before = await slice();
  // It sleeps all the while, so that it shows the slice of the time at which it fell asleep.
  await sh(
    'sleep 1000 > /dev/null 2>&1 & echo $! > /tmp/sleeper; sleep 1; tunesmith change list > /dev/null',
  );
  await sh(`echo 6000000 > ${SLICE}`);
  const own = async () =>
    (
      await guest().exec(['node', '--input-type=module'], {
        stdin: `import { native } from './dist/native.js'; import { readFileSync } from 'node:fs';
          console.log(native().readSched(Number(readFileSync('/tmp/sleeper', 'utf8'))).sliceNs);`,
      })
    ).stdout.trim();
  expect(await own()).toBe(before);
  const said = await stage('--set slice_ns=20ms --scope pid:$(cat /tmp/sleeper) --ttl 1h --json');
  expect(said).toMatch(/"kind": ?"slice"[^}]*"before": ?"own"/);
  const token = /chg_\w+/.exec(said)?.[0] ?? '';
  expect(await own()).toBe('20000000');
  expect(await tunesmith(guest(), 'change', 'revert', token)).toMatchObject({ status: 0 });
  // The kernel's own as it is now: not pinned to what it was.
  expect(await own()).toBe('6000000');
  await sh(`echo ${before} > ${SLICE}; kill $(cat /tmp/sleeper)`);
});

it('guardrails put a change back with the figures, and the ledger is whole', async () => {
  const before = await slice();
  await stage("--set base_slice_ns=6ms --ttl 1h --guard 'switches_per_s<=0'");
  expect(await gone()).toContain('because a guardrail was breached');
  expect(await slice()).toBe(before);
  expect(await tunesmith(guest(), 'ledger', 'verify')).toMatchObject({ status: 0 });
  expect(await tunesmith(guest(), 'ledger', 'replay')).toMatchObject({ status: 0 });
  const shown = JSON.parse((await tunesmith(guest(), 'ledger', 'show', '--json', '--last', '1')).stdout)
    .records[0];
  expect(shown).toMatchObject({ kind: 'change', decision: 'reverted', details: { endReason: 'guardrail' } });
  expect(shown.metrics.switches_per_s).toBeGreaterThan(0);
});

it('no death at any step leaves a staged value or loses a committed one', async () => {
  const done = await guest().exec(['node', 'dist/bench/control/main.js', 'faults', '6', '7'], {
    timeoutMs: 1_000_000,
  });
  expect(done).toMatchObject({ status: 0 });
  expect(JSON.parse(done.stdout) as FaultReport).toMatchObject({ runs: 6, lost: 0, wrong: [] });
});
