/**
 * What the sampler says of known loads, for whoever runs this: `node subject.mjs DIST SCENARIO`, the answer as JSON.
 * The same on a host and in a lab guest, so that the tests can compare them.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [dist, scenario] = process.argv.slice(2);
const { Sampler } = await import(join(dist, 'index.js'));

const children = [];
const start = (...argv) => {
  const child = spawn(argv[0], argv.slice(1), { stdio: 'ignore' });
  children.push(child);
  return child;
};
/** Two tasks that never sleep on one CPU: each waits as long as it runs. */
const pair = async () => {
  const hogs = [0, 1].map(() => start('taskset', '-c', '0', 'sh', '-c', 'while :; do :; done'));
  await sleep(700); // until taskset has become sh
  return hogs.map(({ pid }) => pid);
};
/** The kernel's own books of a task: ns on a CPU, ns waiting, times it got a CPU. */
const books = (pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').trim().split(' ').map(Number);
/** Something done between two readings, so that a slow machine widens the bounds and nothing else. */
const around = (read, act) => {
  const before = read();
  const value = act();
  return { before, value, after: read() };
};
const plain = (value) =>
  JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? Number(one) : one)));
const rowOf = (delta, pid) => {
  const row = [...delta.keys()].find(({ tid }) => tid === pid);
  if (row === undefined) return null;
  const of = (measure) => {
    const histogram = row.histogram(measure);
    return { count: histogram.count, p50: histogram.quantile(0.5), sumNs: histogram.sumNs };
  };
  return plain({ ...row, latency: of('latency'), slice: of('slice'), offCpu: of('offCpu') });
};
/** A cgroup that may use a tenth of a CPU, and how long its quota has held it, ns. */
const quota = () => {
  const [root, version] = cgroupRoot();
  const dir = join(root, `tunesmith-quota-${process.pid}`);
  if (version === 2) writeFileSync(join(root, 'cgroup.subtree_control'), '+cpu');
  mkdirSync(dir);
  if (version === 2) writeFileSync(join(dir, 'cpu.max'), '10000 100000');
  else {
    writeFileSync(join(dir, 'cpu.cfs_period_us'), '100000');
    writeFileSync(join(dir, 'cpu.cfs_quota_us'), '10000');
  }
  const heldNs = () => {
    const stat = readFileSync(join(dir, 'cpu.stat'), 'utf8');
    return Number(/throttled_time (\d+)/.exec(stat)?.[1] ?? /throttled_usec (\d+)/.exec(stat)[1] * 1000);
  };
  return { dir, heldNs, take: (pid) => writeFileSync(join(dir, 'cgroup.procs'), String(pid)) };
};
/** Ends them and waits until they are gone, so that their cgroup can be removed. */
const end = async (pids) => {
  for (const child of children) if (pids.includes(child.pid)) child.kill('SIGKILL');
  while (pids.some((pid) => existsSync(`/proc/${pid}/task`))) await sleep(20);
};
const cgroupRoot = () => {
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, path, type, options] = line.split(' ');
    if (type === 'cgroup2' && !readFileSync('/proc/mounts', 'utf8').includes(',cpu ')) return [path, 2];
    if (type === 'cgroup' && options.split(',').includes('cpu')) return [path, 1];
  }
  return null;
};

const scenarios = {
  /** Both ways of measuring, at once, beside the kernel's own books. */
  async books() {
    const pids = await pair();
    const samplers = ['sched_info', 'stamps'].map((source) => Sampler.open({ source }));
    await sleep(200);
    const start = around(
      () => pids.map(books),
      () => samplers.map((sampler) => sampler.snapshot()),
    );
    await sleep(2000);
    const end = around(
      () => pids.map(books),
      () => samplers.map((sampler) => sampler.snapshot()),
    );
    const deltas = end.value.map((now, i) => now.since(start.value[i]));
    const grown = (from, to, i) => to[i].map((value, n) => value - from[i][n]);
    return {
      settings: samplers.map(({ settings }) => settings),
      tasks: pids.map((pid, i) => ({
        least: grown(start.after, end.before, i),
        most: grown(start.before, end.after, i),
        rows: deltas.map((delta) => rowOf(delta, pid)),
      })),
      cpu: deltas.map((delta) => plain(delta.cpus[0])),
    };
  },

  /** A process, then a cgroup that vanishes while it is watched. */
  async filters() {
    const [wanted] = await pair();
    const one = Sampler.open({ by: 'process', processes: [wanted] });
    await sleep(500);
    const process = [...one.snapshot().keys()].map(({ tgid }) => tgid);
    const other = Sampler.open({ cpus: [1] });
    await sleep(300);
    const events = other.snapshot().cpus.map((cpu) => Number(cpu.events));

    const group = join(cgroupRoot()[0], `tunesmith-test-${wanted}`);
    mkdirSync(group);
    try {
      const inside = Sampler.open({ by: 'cgroup', cgroup: group });
      writeFileSync(join(group, 'cgroup.procs'), String(wanted));
      const switches = () => Number([...inside.snapshot().keys()][0]?.involuntary ?? 0);
      while (switches() <= 10) await sleep(100);
      const seen = inside.snapshot();
      children.find(({ pid }) => pid === wanted).kill('SIGKILL');
      await sleep(300);
      rmdirSync(group);
      const gone = inside.snapshot();
      return {
        wanted,
        process,
        events,
        keys: seen.length,
        switches: Number([...seen.keys()][0]?.involuntary ?? 0),
        cgroupGone: [seen.cgroupGone, gone.cgroupGone],
      };
    } finally {
      if (existsSync(group)) rmdirSync(group);
    }
  },

  /**
   * A cgroup's quota holds a task that never sleeps and one that wakes up often, one after the other: the sampler's
   * account, the kernel's, and outliers.
   */
  async throttled() {
    const group = quota();
    const measured = {};
    const wakes = 'setInterval(() => { for (const t = Date.now(); Date.now() - t < 4; ); }, 10)';
    const loads = {
      hog: ['sh', '-c', 'while :; do :; done'],
      waker: [process.execPath, '-e', wakes],
    };
    try {
      for (const [name, argv] of Object.entries(loads)) {
        const { pid } = start('taskset', '-c', '0', ...argv);
        await sleep(1500);
        group.take(pid);
        const sampler = Sampler.open({ outlierNs: 30_000_000 });
        await sleep(1000);
        sampler.snapshot(); // before Linux 6.18 this is where it learns of quotas
        await sleep(300);
        const kernel = () => [group.heldNs(), books(pid)[1]];
        const began = around(kernel, () => sampler.snapshot());
        await sleep(4000);
        const ended = around(kernel, () => sampler.snapshot());
        const row = rowOf(ended.value.since(began.value), pid);
        const [heldNs, waited] = [0, 1].map((n) => [
          ended.before[n] - began.after[n],
          ended.after[n] - began.before[n],
        ]);
        const events = [];
        for await (const event of sampler.events(AbortSignal.timeout(200)))
          if (event.tid === pid) events.push(plain(event));
        measured[name] = { row, waited, heldNs, events: events.slice(0, 50) };
        sampler.close();
        await end([pid]);
      }
      return measured;
    } finally {
      for (const child of children) child.kill('SIGKILL');
      await sleep(300);
      rmdirSync(group.dir);
    }
  },

  /** Rows of cgroups against all switches. */
  async cgroups() {
    const sampler = Sampler.open({ by: 'cgroup' });
    const before = sampler.snapshot();
    await sleep(1000);
    const delta = sampler.delta(before);
    return {
      all: delta.overall('latency').count,
      rows: [...delta.keys()].map((row) => [Number(row.cgroup), row.histogram('latency').count]),
    };
  },

  /** Names after exec and after a new title. */
  async names() {
    const samplers = ['task', 'process'].map((by) => Sampler.open({ by }));
    const { pid } = start('sleep', '3');
    await sleep(500);
    const title = `t${'é'.repeat(20)}`;
    process.title = title;
    await sleep(1000);
    return samplers.map((sampler) => {
      const rows = [...sampler.snapshot().keys()];
      const named = (wanted) => rows.find(({ tid }) => tid === wanted)?.comm;
      return [named(pid), named(process.pid)];
    });
  },

  /** CPU 0 is never idle, while only somebody else is looked at; and a task that is never switched away has its row. */
  async busy() {
    await pair();
    const other = Sampler.open({ processes: [process.pid] });
    const all = Sampler.open();
    await sleep(300);
    const before = [other.snapshot(), all.snapshot()];
    const windows = [];
    for (let i = 0; i < 5; i++) {
      await sleep(200);
      const deltas = [other.delta(before[0]), all.delta(before[1])];
      before.splice(0, 2, other.snapshot(), all.snapshot());
      windows.push(deltas.map(({ cpus, lastedNs }) => Number(cpus[0].ranNs) / Number(lastedNs)));
    }
    return windows;
  },

  /** Fewer rows than tasks, while tasks come and go. */
  async eviction() {
    const sampler = Sampler.open({ keys: 4 });
    for (let round = 0; round < 12; round++) {
      start('true');
      sampler.snapshot();
      await sleep(20);
    }
    await sleep(300);
    const taken = sampler.snapshot();
    const sum = (field) => taken.cpus.reduce((total, cpu) => total + Number(cpu[field]), 0);
    return { keys: taken.length, given: sum('evicted') + sum('retired') };
  },

  async outliers() {
    const pids = await pair();
    const sampler = Sampler.open({ outlierNs: 500_000 });
    for await (const event of sampler.events(AbortSignal.timeout(20_000)))
      if (pids.includes(event.tid) && event.before !== undefined) return { pids, event: plain(event) };
    return null;
  },

  /** A CPU goes and comes back under the sampler. */
  async hotplug() {
    const sampler = Sampler.open();
    const online = '/sys/devices/system/cpu/cpu1/online';
    const before = sampler.snapshot();
    writeFileSync(online, '0');
    await sleep(200);
    const without = sampler.delta(before);
    writeFileSync(online, '1');
    const after = sampler.snapshot();
    start('taskset', '-c', '1', 'sh', '-c', 'for i in 1 2 3 4 5; do sleep 0.05; done');
    await sleep(1500);
    const back = sampler.delta(after);
    return { cpus: without.cpus.length, events: back.cpus.map(({ events }) => Number(events)) };
  },

  async unprivileged() {
    process.setuid(65534);
    try {
      Sampler.open();
      return null;
    } catch ({ name, code, message, errno, hint }) {
      return { name, code, message, errno, hint };
    }
  },

  /** Opened and closed often: descriptors and memory afterwards. */
  async cycles() {
    const used = () => ({ fds: readdirSync('/proc/self/fd').length, rss: process.memoryUsage.rss() });
    const cycle = () => {
      const sampler = Sampler.open({ outlierNs: 1e6, pmc: ['page-faults'] });
      sampler.snapshot();
      sampler.close();
    };
    for (let i = 0; i < 5; i++) cycle();
    const before = used();
    for (let i = 0; i < 40; i++) cycle();
    return { before, after: used() };
  },
};

try {
  console.log(JSON.stringify(await scenarios[scenario]()));
} finally {
  for (const child of children) child.kill('SIGKILL');
}
process.exit(0);
