import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Deadman } from '../../change/deadman.js';
import { Transactions } from '../../change/transactions.js';
import type { Item } from '../../change/types.js';
import { undoLines } from '../../change/undo-file.js';
import { mounts } from '../../host/probes/mounts.js';
import { median } from '../statistics.js';
import { optionsFor, type Place } from './knobs.js';

/** Medians in ms. */
export interface Timed {
  /** The whole of it, the journal's sync too. */
  readonly total: number;
  /** Times that the journal waits for the disk. */
  readonly syncs: number;
}

export interface Latencies {
  readonly stage: Timed;
  readonly commit: Timed;
  readonly revert: Timed;
  /** One sync: fsync(2) of a page in a file beside the journal. */
  readonly fsync: number;
  /** 20 knobs: real weights of cgroups, where there are any. Null where there are none. */
  readonly revert20: number | null;
  readonly rssKib: number;
}

/** Rounds that are not counted: the code is compiled in them. */
const WARM_UP = 100;

/** Stages, commits and reverts one knob, again and again. */
export async function measureLatencies(place: Place, rounds: number): Promise<Latencies> {
  const dir = mkdtempSync(join(tmpdir(), 'tunesmith-latency-'));
  let syncs = 0;
  const changes = new Transactions({
    ...optionsFor(place, dir),
    onSync: () => {
      syncs += 1;
    },
  });
  // By turns with what is measured: a disk is fast and slow by the minute.
  const pages = openSync(join(dir, 'pages'), 'w');
  const fsyncs: number[] = [];
  const times = { stage: [] as Timed[], commit: [] as Timed[], revert: [] as Timed[] };
  const timed = <T>(name: keyof typeof times, act: () => T): T => {
    syncs = 0;
    const began = performance.now();
    const result = act();
    times[name].push({ total: performance.now() - began, syncs });
    return result;
  };
  try {
    for (let round = 0; round < WARM_UP + rounds; round++) {
      await turn(); // the deadman has to be told that we are alive
      fsyncs.push(fsyncMs(pages));
      const values = { base_slice_ns: 4_000_000 + round * 1000 };
      const { token } = timed('stage', () => changes.stage({ values, caller: 'bench' }));
      timed('commit', () => changes.commit(token, { caller: 'bench' }));
      timed('revert', () => changes.revert(token, { caller: 'bench' }));
    }
    const of = (list: readonly Timed[]): Timed => ({
      total: median(list.slice(WARM_UP).map(({ total }) => total)),
      syncs: median(list.slice(WARM_UP).map((one) => one.syncs)),
    });
    return {
      ...{ stage: of(times.stage), commit: of(times.commit), revert: of(times.revert) },
      fsync: median(fsyncs),
      ...twenty(dir, Math.min(rounds, 100)),
    };
  } finally {
    changes.close();
    closeSync(pages);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Writes a page where one was and syncs it, the least a journal can do; how long the sync took, ms. */
function fsyncMs(file: number): number {
  writeSync(file, Buffer.alloc(4096), 0, 4096, 0);
  const began = performance.now();
  fsyncSync(file);
  return performance.now() - began;
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
