import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDiskstats } from '../../src/host/signature/disk.js';
import { parseNetDev } from '../../src/host/signature/net.js';
import { parsePressure } from '../../src/host/signature/pressure.js';
import { parseSchedstat } from '../../src/host/signature/schedstat.js';
import { growth } from '../../src/host/signature/source.js';
import { parseStat } from '../../src/host/signature/stat.js';
import { parseVmstat } from '../../src/host/signature/vmstat.js';
import { type Counters, readCounters, signature } from '../../src/host/signature.js';
import { SIGNATURE_METRICS } from '../../src/workloads/signature.js';
import { tree } from './fixture.js';

const after = (counters: Counters, seconds: number): Counters => ({
  ...counters,
  atNs: counters.atNs + BigInt(seconds * 1e9),
});

describe('this machine', () => {
  it('has a signature: what it does shows, and what it has no files for is absent', async () => {
    const from = readCounters();
    const dir = tree();
    const until = Date.now() + 300;
    while (Date.now() < until) writeFileSync(join(dir, 'x'), Buffer.alloc(1 << 16));
    const seen = signature(from, readCounters());
    for (const name of Object.keys(seen)) expect(SIGNATURE_METRICS).toHaveProperty(name);
    for (const value of Object.values(seen)) expect(value).toBeGreaterThanOrEqual(0);
    const shares = ['user_share', 'system_share', 'interrupt_share', 'steal_share', 'idle_share'];
    const total = shares.reduce((sum, name) => sum + (seen[name] ?? 0), 0);
    expect(total).toBeCloseTo(1, 6);
    expect((seen.user_share ?? 0) + (seen.system_share ?? 0)).toBeGreaterThan(0.05);
    expect(seen.switches_per_s).toBeGreaterThan(0);
    expect(seen.page_faults_per_s).toBeGreaterThan(0);
    expect('runq_waiting' in seen).toBe(exists('/proc/schedstat'));
  });
});

function exists(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

describe('/proc/stat', () => {
  const text = 'cpu  100 20 30 1000 50 1 2 3 40 5\ncpu0 1 2 3\nintr 500 1 2\nctxt 7000\nprocesses 60\n';

  it('gives ticks by kind and counts; guest time is not counted twice', () => {
    expect(parseStat(text)).toEqual({
      ...{ user: 100, nice: 20, system: 30, idle: 1000, iowait: 50, irq: 1, softirq: 2, steal: 3 },
      ...{ switches: 7000, interrupts: 500, forks: 60 },
    });
  });

  it.each(['', 'cpu  1 2 3 4\n', 'ctxt 5\n'])('in another form gives nothing: %j', (other) => {
    expect(parseStat(other)).toBeNull();
  });

  it('gives shares of the ticks counted', () => {
    const from = readCounters(tree({ 'proc/stat': 'cpu  0 0 0 0 0 0 0 0 0 0\nctxt 0\n' }));
    const to = readCounters(tree({ 'proc/stat': 'cpu  30 10 20 30 5 1 2 2 0 0\nctxt 500\n' }));
    expect(signature(from, after({ ...to, atNs: from.atNs }, 2))).toEqual({
      ...{ user_share: 0.4, system_share: 0.2, interrupt_share: 0.03, steal_share: 0.02 },
      ...{ iowait_share: 0.05, idle_share: 0.35, switches_per_s: 250 },
    });
  });
});

describe('/proc/schedstat', () => {
  const cpus = 'cpu0 0 0 900 80 700 60 5000000000 250000000 40\ncpu1 0 0 1 2 300 4 5 750000000 7\n';
  const domain = 'domain0 3 1 2 3 4 5 6 7 8\n';

  it.each([15, 16, 17])('of version %d gives wake-ups and waiting, over all CPUs', (version) => {
    const text = `version ${version}\ntimestamp 42\n${cpus}${domain}`;
    expect(parseSchedstat(text)).toEqual({ wakeups: 1000, waitedNs: 1_000_000_000 });
  });

  it('of a version not known gives nothing', () => {
    expect([parseSchedstat(`version 18\n${cpus}`), parseSchedstat(cpus), parseSchedstat('')]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('without statistics gives no wake-ups instead of none', () => {
    const text = 'version 15\ncpu0 0 0 0 0 0 0 5000000000 250000000 40\n';
    expect(parseSchedstat(text)).toEqual({ waitedNs: 250_000_000 });
  });

  it('tells how many tasks waited on the mean', () => {
    const root = (waited: number) =>
      tree({ 'proc/schedstat': `version 15\ncpu0 0 0 0 0 9 0 5 ${waited} 40\n` });
    const from = readCounters(root(0));
    const to = { ...readCounters(root(3e9)), atNs: from.atNs };
    expect(signature(from, after(to, 2))).toEqual({ runq_waiting: 1.5, wakeups_per_s: 0 });
  });
});

it('/proc/vmstat gives what the kernel has; pages taken back are added up', () => {
  const text =
    'nr_free_pages 5\npgfault 100\npgmajfault 7\npswpin 1\npswpout 2\npgsteal_kswapd 30\npgsteal_direct 4\n';
  expect(parseVmstat(text)).toEqual({ pgfault: 100, pgmajfault: 7, pswpin: 1, pswpout: 2, pgsteal: 34 });
  expect(parseVmstat('nr_free_pages 5\n')).toBeNull();
});

describe('/proc/pressure', () => {
  it('gives µs stalled', () => {
    const text =
      'some avg10=9.48 avg60=48.52 avg300=35.76 total=1655840896\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=12\n';
    expect(parsePressure('cpu', text)).toEqual({ cpu_some: 1_655_840_896, cpu_full: 12 });
    expect(parsePressure('cpu', '')).toEqual({});
  });

  it('without files, or with a file for some resources, gives what there is', () => {
    const root = (total: number) =>
      tree({ 'proc/pressure/io': `some avg10=0 avg60=0 avg300=0 total=${total}\n` });
    const from = readCounters(root(0));
    expect(signature(from, after({ ...readCounters(root(500_000)), atNs: from.atNs }, 2))).toEqual({
      io_some_share: 0.25,
    });
    expect(signature(readCounters(tree()), after(readCounters(tree()), 1))).toEqual({});
  });
});

it('/proc/net/dev adds up all interfaces but the loopback', () => {
  const head = 'Inter-|   Receive  |  Transmit\n face |bytes packets errs drop|bytes packets\n';
  const text =
    `${head}    lo: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0\n` +
    '  eth0: 1000 10 0 1 0 0 0 0 2000 20 0 2 0 0 0 0\nwlan0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n';
  expect(parseNetDev(text)).toEqual({
    ...{ inBytes: 1001, inPackets: 12, outBytes: 2009, outPackets: 30, dropped: 19 },
  });
  expect(parseNetDev(`${head}    lo: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0\n`)).toBeNull();
});

it('/proc/diskstats counts devices with hardware, in bytes', () => {
  const text =
    ' 254       0 vda 10 0 80 5 20 0 160 6 0 7 99 0 0 0 0 0 0\n 254 1 vda1 9 0 72 5 20 0 160 6 0 7 98\n' +
    '   7       0 loop0 5 0 5 5 5 0 5 5 0 5 5\n   8 0 sda 1 0 8 1 1 0 8 1 0 1 1\n   8 1 old 1 2 3 4\n';
  const disks = new Set(['vda', 'sda', 'old']);
  expect(parseDiskstats(text, (name) => disks.has(name))).toEqual({
    ...{ reads: 11, readBytes: 88 * 512, writes: 21, writtenBytes: 168 * 512, weightedMs: 100 },
  });
  expect(parseDiskstats(text, () => false)).toBeNull();
  const root = tree({ 'proc/diskstats': text });
  mkdirSync(join(root, 'sys/block/sda/device'), { recursive: true });
  expect(readCounters(root).groups.at(-1)).toMatchObject({ reads: 1 });
});

describe('a counter', () => {
  it('that fell, came or went gives no growth', () => {
    expect(growth({ a: 5, b: 5, c: 5 }, { a: 9, b: 4, d: 1 })).toEqual({ a: 4 });
  });

  it('over no time gives no rate', () => {
    const now = readCounters();
    expect(signature(now, now)).toEqual({});
  });
});
