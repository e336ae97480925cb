import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deadman } from '../../change/deadman.js';
import { Transactions } from '../../change/transactions.js';
import type { Item } from '../../change/types.js';
import { undoLines } from '../../change/undo-file.js';
import { mounts } from '../../host/probes/mounts.js';
import { median } from '../statistics.js';
import { optionsFor, type Place } from './knobs.js';

/** Medians in ms; `sync`: the part of it that the journal's writes took until they were on the disk. */
export interface Timed {
  readonly beyond: number;
  readonly sync: number;
}

export interface Latencies {
  readonly stage: Timed;
  readonly commit: Timed;
  readonly revert: Timed;
  /** 20 knobs: real weights of cgroups, where there are any. Null where there are none. */
  readonly revert20: number | null;
  readonly rssKib: number;
}

/** Stages, commits and reverts one knob, again and again. */
export function measureLatencies(place: Place, rounds: number): Latencies {
  const dir = mkdtempSync(join(tmpdir(), 'tunesmith-latency-'));
  let synced = 0;
  const changes = new Transactions({
    ...optionsFor(place, dir),
    onSync: (ms) => {
      synced += ms;
    },
  });
  const times = { stage: [] as Timed[], commit: [] as Timed[], revert: [] as Timed[] };
  const timed = <T>(name: keyof typeof times, act: () => T): T => {
    synced = 0;
    const began = performance.now();
    const result = act();
    times[name].push({ beyond: performance.now() - began - synced, sync: synced });
    return result;
  };
  try {
    for (let round = 0; round < rounds; round++) {
      const values = { base_slice_ns: 4_000_000 + round * 1000 };
      const { token } = timed('stage', () => changes.stage({ values, caller: 'bench' }));
      timed('commit', () => changes.commit(token, { caller: 'bench' }));
      timed('revert', () => changes.revert(token, { caller: 'bench' }));
    }
    const of = (list: readonly Timed[]): Timed => ({
      beyond: median(list.map(({ beyond }) => beyond)),
      sync: median(list.map(({ sync }) => sync)),
    });
    return {
      ...{ stage: of(times.stage), commit: of(times.commit), revert: of(times.revert) },
      ...twenty(dir, Math.min(rounds, 100)),
    };
  } finally {
    changes.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Whether groups below have a weight; where cgroups of version 1 have the controller, they have not. */
const hasCpu = (root: string): boolean =>
  readFileSync(join(root, 'cgroup.controllers'), 'utf8').split(/\s+/).includes('cpu');

/** Twenty cgroups' weights on one undo list: how long putting them back takes, and what the deadman needs meanwhile. */
function twenty(dir: string, rounds: number): Pick<Latencies, 'revert20' | 'rssKib'> {
  const root = mounts('/').find(({ type, where }) => type === 'cgroup2' && hasCpu(where))?.where;
  const deadman = Deadman.start(dir, 60_000);
  const rssKib = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${deadman.pid}/status`, 'utf8'))?.[1]);
  try {
    deadman.ask('renew'); // until it answers it is still a copy of this process
    if (root === undefined) return { revert20: null, rssKib: rssKib() };
    writeFileSync(join(root, 'cgroup.subtree_control'), '+cpu');
    const groups = Array.from({ length: 20 }, (_, i) => join(root, `tunesmith-bench-${i}`));
    for (const group of groups) if (!existsSync(group)) mkdirSync(group);
    try {
      const items = groups.map(
        (group): Item => ({
          ...{ knob: 'cpu_weight', kind: 'file', place: join(group, 'cpu.weight') },
          ...{ before: '100', after: '200' },
        }),
      );
      const times: number[] = [];
      let most = 0;
      for (let round = 0; round < rounds; round++) {
        const id = `c${1_000_000 + round}`;
        const [answer] = deadman.ask('stage', `${id}\t60000\n${undoLines(items)}`);
        if (answer !== 'ok') throw new Error(`20 weights were not staged: ${answer}`);
        most = Math.max(most, rssKib());
        const began = performance.now();
        deadman.ask('revert', id, 'asked');
        times.push(performance.now() - began);
      }
      return { revert20: median(times), rssKib: most };
    } finally {
      for (const group of groups) rmdirSync(group);
    }
  } finally {
    deadman.end();
  }
}
