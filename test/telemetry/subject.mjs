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
const cgroupRoot = () => {
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, path, type, options] = line.split(' ');
    if (type === 'cgroup2' || (type === 'cgroup' && options.split(',').includes('cpu'))) return path;
  }
  return null;
};

const scenarios = {
  /** Both ways of measuring, at once, beside the kernel's own books. */
  async books() {
    const pids = await pair();
    const samplers = ['sched_info', 'stamps'].map((source) => Sampler.open({ source }));
    await sleep(200);
    const before = samplers.map((sampler) => sampler.snapshot());
    const at = pids.map(books);
    await sleep(2000);
    const deltas = samplers.map((sampler, i) => sampler.delta(before[i]));
    const kernel = pids.map((pid, i) => books(pid).map((value, n) => value - at[i][n]));
    return {
      settings: samplers.map(({ settings }) => settings),
      tasks: pids.map((pid, i) => ({ kernel: kernel[i], rows: deltas.map((delta) => rowOf(delta, pid)) })),
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

    const group = join(cgroupRoot(), `tunesmith-test-${wanted}`);
    mkdirSync(group);
    try {
      const inside = Sampler.open({ by: 'cgroup', cgroup: group });
      writeFileSync(join(group, 'cgroup.procs'), String(wanted));
      await sleep(500);
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
