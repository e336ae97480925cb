import { readFileSync } from 'node:fs';
import { Lab } from '../../lab/lab.js';
import { prepareTrial } from '../../lab/prepare.js';
import { stepRequest } from '../../lab/step.js';
import { median, spread } from '../statistics.js';
import { type Figure, MAX_BENCH_SEED, prepared } from './common.js';

async function withLab<T>(work: (lab: Lab) => Promise<T>, machines?: number): Promise<T> {
  const lab = new Lab({ fresh: true, ...(machines === undefined ? {} : { machines }) });
  try {
    return await work(lab);
  } finally {
    await lab.close();
  }
}

/** Restore to first step done, on a step that does nothing, 2 CPUs. */
export const restoreTime = (): Promise<Figure[]> =>
  withLab(async (lab) => {
    const { spec, files } = await prepared(lab, 'idle', 2);
    const trivial = { ...spec, windowNs: 1000 };
    const times: number[] = [];
    for (let i = 0; i < 31; i++) {
      const start = performance.now();
      const session = await lab.enter(trivial, files, 'search');
      await session.step(stepRequest(trivial));
      times.push((performance.now() - start) / 1000);
      await lab.leave(session);
    }
    const met = median(times) <= 0.3;
    return [{ name: 'restore to first step done, p50', bar: '≤ 0.3 s', value: spread(times, 3, 's'), met }];
  }, 1);

/** One-second `mixed` trials a minute, 2 CPUs each, as many machines as host cores. */
export const trialRate = (): Promise<Figure[]> =>
  withLab(async (lab) => {
    const { spec, files, defaults } = await prepared(lab, 'mixed', 2);
    const seeds = Array.from({ length: MAX_BENCH_SEED }, (_, i) => i + 1);
    const start = performance.now();
    await Promise.all(seeds.map((seed) => lab.trial({ ...spec, knobs: defaults, seed }, files, 'search')));
    const rate = (seeds.length * 60_000) / (performance.now() - start);
    return [
      { name: 'one-second mixed trials a minute', bar: '≥ 120', value: rate.toFixed(0), met: rate >= 120 },
    ];
  });

/** Cold boot to the first gate, 2 CPUs. */
export const bootTime = (): Promise<Figure[]> =>
  withLab(async (lab) => {
    const { spec, files } = await prepared(lab, 'idle', 2);
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      const session = await lab.enter(spec, files, 'referee');
      times.push((performance.now() - start) / 1000);
      await lab.leave(session);
    }
    const met = median(times) <= 8;
    return [
      { name: 'cold boot to agent ready, 2 CPUs, icount', bar: '≤ 8 s', value: spread(times, 2, 's'), met },
    ];
  }, 1);

/** Peak resident memory of a 2-CPU machine that ran pgbench. */
export const memory = (): Promise<Figure[]> =>
  withLab(async (lab) => {
    const { spec, files, defaults } = await prepareTrial(lab, {
      kernel: 'cfs',
      workload: 'pgbench',
      cpus: 2,
      seed: 1,
    });
    const session = await lab.enter(spec, files, 'search');
    try {
      await session.step(stepRequest({ ...spec, knobs: defaults }));
      const status = readFileSync(`/proc/${session.machine.pid}/status`, 'utf8');
      const mib = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
      return [
        {
          name: 'memory of a 2-CPU machine with pgbench',
          bar: '≤ 700 MB',
          value: `${mib.toFixed(0)} MiB`,
          met: mib <= 667,
        },
      ];
    } finally {
      await lab.leave(session);
    }
  }, 1);
