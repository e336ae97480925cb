import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Layer, pretendAbsent } from '../../src/host/confine.js';
import { Lab } from '../../src/lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../../src/lab/prepare.js';
import type { TrialResult, TrialSpec } from '../../src/lab/trial.js';
import { scratchCache } from './scratch.js';

const cache = scratchCache();
const BOOT = { timeout: 1_200_000 };
const isRoot = process.getuid?.() === 0;
let lab: Lab;
let trial: PreparedTrial;
let spec: TrialSpec;

beforeAll(async () => {
  lab = new Lab();
  trial = await prepareTrial(lab, { kernel: 'eevdf', workload: 'mixed', cpus: 2, seed: 1, windowNs: 1e8 });
  spec = { ...trial.spec, knobs: trial.defaults };
}, BOOT.timeout);
afterEach(() => pretendAbsent([]));
afterAll(() => lab.close());

const facts = ({ cached: _, wallMs: __, ...rest }: TrialResult) => rest;

async function measured(absent: Layer[], rigour: 'search' | 'referee'): Promise<unknown> {
  pretendAbsent(absent);
  const other = new Lab({ fresh: true });
  try {
    return facts(await other.trial(spec, trial.files, rigour));
  } finally {
    await other.close();
  }
}

/** Everything below a directory of another process's root, a few levels deep. */
function below(dir: string, depth = 2): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => [
    entry.name,
    ...(entry.isDirectory() && depth > 0
      ? below(join(dir, entry.name), depth - 1).map((name) => `${entry.name}/${name}`)
      : []),
  ]);
}

describe('QEMU', BOOT, () => {
  it('sees its libraries and firmware, and holds no right', async () => {
    const session = await lab.enter(spec, trial.files, 'search');
    try {
      const { pid } = session.machine;
      const proc = `/proc/${pid}`;
      const status = readFileSync(`${proc}/status`, 'utf8');
      for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'])
        expect(status).toMatch(new RegExp(`^Cap${set}:\t0{16}$`, 'm'));
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      // The launcher's filter, and QEMU's own.
      expect(status).toMatch(/^Seccomp_filters:\t2$/m);
      if (isRoot) expect(Number(/^Uid:\t(\d+)/m.exec(status)?.[1])).toBe(0x70000000 + pid);
      const root = below(`${proc}/root`, 0).sort();
      expect(root.filter((name) => !['etc', 'lib', 'lib64', 'proc', 'usr'].includes(name))).toEqual([]);
      expect(below(`${proc}/root/etc`, 0)).toEqual(['ld.so.cache']);
      expect(below(`${proc}/root/proc`, 1)).toEqual(['self', 'self/fd']);
      expect(readFileSync(`${proc}/environ`, 'utf8').split('\0').filter(Boolean).sort()).toEqual([
        'LC_ALL=C',
        'LD_PRELOAD=/proc/self/fd/7',
      ]);
      expect(readlinkSync(`${proc}/cwd`)).toBe('/');
    } finally {
      await lab.leave(session);
    }
  });

  it('leaves snapshots that are ours', () => {
    const home = join(cache, 'snapshots');
    const states = readdirSync(home).filter((name) => !name.startsWith('.'));
    expect(states.length).toBeGreaterThan(0);
    for (const name of states) expect(statSync(join(home, name, 'state')).uid).toBe(process.getuid?.());
  });

  it('gives the same figures whatever confines it', async () => {
    const all = await measured([], 'search');
    expect(await measured(['landlock'], 'search')).toEqual(all);
    expect(await measured(['namespace'], 'search')).toEqual(all);
    expect(await measured(['namespace', 'landlock'], 'search')).toEqual(all);
    expect(await measured(['namespace'], 'referee')).toEqual(await measured([], 'referee'));
  });
});
