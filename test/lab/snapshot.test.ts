import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../../src/lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../../src/lab/prepare.js';
import { Store } from '../../src/lab/store.js';
import { baseKey, type TrialResult } from '../../src/lab/trial.js';
import { tunesmith } from '../cli/cli.js';
import { scratchCache } from './scratch.js';
import { listening } from './stderr.js';

const cache = scratchCache();
const home = join(cache, 'snapshots');
const BOOT = { timeout: 900_000 };
const CASE = { kernel: 'eevdf', workload: 'idle', cpus: 1, seed: 1 };
let lab: Lab;
let trial: PreparedTrial;
let before: TrialResult;
let dir: string;

const measure = (other = lab, seed = 1) =>
  other.trial({ ...trial.spec, knobs: trial.defaults, seed }, trial.files, 'search');
const facts = ({ cached: _, wallMs: __, ...rest }: TrialResult) => rest;

beforeAll(async () => {
  lab = new Lab({ fresh: true });
  trial = await prepareTrial(lab, CASE);
  before = await measure();
  dir = join(home, baseKey(trial.spec));
}, BOOT.timeout);
afterAll(() => lab.close());

describe('a snapshot', BOOT, () => {
  it.each([
    [
      'is truncated',
      () => truncateSync(join(dir, 'state'), 1000),
      /it has 1000 bytes instead of \d+; it is made again\n/,
    ],
    [
      'lost its description',
      () => writeFileSync(join(dir, 'snapshot.json'), '{"bytes":'),
      /its description cannot be read; it is made again\n/,
    ],
  ])('that %s is made again, said, and gives the same figures', async (_, damage, words) => {
    damage();
    const said = listening();
    expect(facts(await measure())).toEqual(facts(before));
    expect(said()).toMatch(words);
    expect(said()).toMatch(new RegExp(`^snapshot ${baseKey(trial.spec)}: `));
  });

  it('with one bit changed is found out by the next process', async () => {
    const state = readFileSync(join(dir, 'state'));
    state.writeUInt8((state[state.length / 2] ?? 0) ^ 1, Math.floor(state.length / 2));
    writeFileSync(join(dir, 'state'), state);
    const args = ['--kernel', 'eevdf', '--workload', 'idle', '--cpus', '1', '--fresh', '--json'];
    const { code, stdout, stderr } = await tunesmith('lab', 'trial', ...args);
    expect(stderr).toMatch(/^snapshot [0-9a-f]{40}: its checksum is wrong; it is made again$/m);
    expect(code).toBe(0);
    const { metrics, fingerprint, key } = JSON.parse(stdout) as TrialResult;
    expect({ metrics, fingerprint, key }).toEqual({
      metrics: before.metrics,
      fingerprint: before.fingerprint,
      key: before.key,
    });
  });

  it('that is another guest’s is told by its clock, and made again', async () => {
    const other = await prepareTrial(lab, { ...CASE, workload: 'mixed' });
    expect(baseKey(other.spec)).not.toBe(baseKey(trial.spec));
    expect(other.spec.imageSha256).toBe(trial.spec.imageSha256);
    const theirs = join(home, baseKey(other.spec));
    for (const name of ['state', 'snapshot.json']) cpSync(join(theirs, name), join(dir, name));
    const said = listening();
    expect(facts(await measure())).toEqual(facts(before));
    expect(said()).toMatch(/the clock at the first gate is \d+ instead of \d+; it is made again\n/);
  });

  it('whose kept fingerprint was off is known by two that agree', async () => {
    const store = new Store();
    store.keepFingerprint(baseKey(trial.spec), 'search', '1');
    const said = listening();
    expect(facts(await measure())).toEqual(facts(before));
    expect(said()).toMatch(
      /the clock at the first gate is \d+ instead of 1, twice; what was measured at 1 is measured again\n/,
    );
    expect(store.fingerprint(baseKey(trial.spec), 'search')).toBe(before.fingerprint.start);
    store.close();
  });

  it('that is not there is made once for all who ask', async () => {
    rmSync(dir, { recursive: true });
    const seeds = [1, 2, 3];
    const results = await Promise.all(seeds.map((seed) => measure(lab, seed)));
    expect(results.map(({ fingerprint }) => fingerprint.start)).toEqual(
      seeds.map(() => before.fingerprint.start),
    );
    expect(facts(results[0] as TrialResult)).toEqual(facts(before));
    expect(readdirSync(home).filter((name) => name.includes('part'))).toEqual([]);
  });

  it('that a killed process left half-made is removed, one of a living process is not', async () => {
    const [dead, old, living] = [
      '.part-4194303-Abc123',
      `${'0'.repeat(40)}.4194302.part`,
      `.part-${process.ppid}-x`,
    ];
    for (const name of [dead, old, living] as string[]) mkdirSync(join(home, name), { recursive: true });
    await measure();
    expect(readdirSync(home).filter((name) => name.includes('part'))).toEqual([living]);
    rmSync(join(home, living as string), { recursive: true });
  });

  it('makes room: the ones that were not used for longest go', async () => {
    const stale = ['oldest', 'older', 'newer'].map((name, i) => {
      const path = join(home, name);
      mkdirSync(path);
      writeFileSync(join(path, 'state'), '');
      truncateSync(join(path, 'state'), 2.5 * 1024 ** 3); // sparse: it takes no room
      utimesSync(join(path, 'state'), 1000 + i, 1000 + i);
      return path;
    });
    rmSync(dir, { recursive: true });
    await measure();
    expect(stale.map((path) => existsSync(path))).toEqual([false, true, true]);
    expect(existsSync(dir)).toBe(true);
  });
});

describe('the known clock of a guest', BOOT, () => {
  it('that no cold boot has is dropped once two of them agree, with what was measured from it', async () => {
    const store = new Store();
    store.keepFingerprint(baseKey(trial.spec), 'referee', '12345');
    const said = listening();
    const { fingerprint } = await lab.trial({ ...trial.spec, knobs: trial.defaults }, trial.files, 'referee');
    expect(store.fingerprint(baseKey(trial.spec), 'referee')).toBe(fingerprint.start);
    expect(said()).toMatch(
      /the clock at the first gate is \d+ instead of 12345; it is booted again\n.*\d+ instead of 12345, twice; what was measured/s,
    );
    store.close();
  });
});
