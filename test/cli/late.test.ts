import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { MAIN } from './cli.js';

const base = mkdtempSync(join(tmpdir(), 'tunesmith-late-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** With caches of its own, which stay empty, and no archive within reach. */
async function run(line: string) {
  const env = { XDG_CACHE_HOME: join(base, 'cache'), XDG_STATE_HOME: join(base, 'state') };
  const { exitCode, stderr } = await execa(process.execPath, [MAIN, ...line.split(' ')], {
    ...{ env, reject: false, stdin: 'ignore' },
  });
  return { exitCode, stderr };
}

const OUT = join(base, 'out');
const PID = String(process.pid);

/** What is typed, and what is said before anything is fetched, built, booted or measured. */
const REFUSED: readonly (readonly [string, string])[] = [
  [`tune --workload wakeup --objective thruput --out ${OUT}`, 'objective: "thruput" is not known'],
  ['tune --workload wakeup --kernel 5.10', '--kernel: "5.10" is no role'],
  ['tune --workload wakeup --tune slice_ns', 'is not set in the lab'],
  ['tune --workload wakeup --kernel cfs --tune base_slice_ns', 'this kernel schedules with CFS'],
  ['tune --workload wakup', 'did you mean wakeup'],
  ['tune --workload wakeup --tuner exprt', 'did you mean expert'],
  ['tune --workload wakeup --tuner human', '--trace'],
  ['--cpus 4 tune --workload wakeup', '--cpus stands before the command'],
  ['--seed=1 lab trial', 'tunesmith lab --help lists its options'],
  ['bench', 'experiment is one of lab, tune, '],
  ['schema', 'what is one of tune, doctor, '],
  ['tune --workload wakeup --force', '--force: true goes with --target host'],
  ['tune --target host --workload idle', 'name one with --objective: '],
  ['tune --target host --workload wakeup --tune typo', 'knob: "typo" is not known'],
  ['tune --target host --workload wakeup --scope pid:1', 'holds PID 1'],
  ['tune --target host --workload wakeup --scope tree:1', 'holds PID 1'],
  ['tune --target host --workload wakeup --scope cgroup:/', 'holds PID 1'],
  ['lab trial --workload wakeup --set typo=3', 'knob: "typo" is not known'],
  ['lab trial --workload wakeup --set base_slice_ns=3s', 'is out of range'],
  ['lab trial --workload wakup --policy edf', 'did you mean wakeup'],
  ['lab trial --workload wakeup --policy edf --tunable typo=3', 'is no tunable of edf'],
  ['lab trial --workload wakeup --policy edf --tunable slice_ns=1', 'must be a whole number from'],
  ['lab trial --workload wakeup --policy edf --policy-timeout 1h', 'must be from 100ms to 30s'],
  ['lab trial --workload wakeup --policy edf --kernel cfs', 'has no sched_ext'],
  ['lab kernels --fetch 4.19', '--kernel: "4.19" is no role'],
  ['policy check edf --tunable typo=1', 'is no tunable of edf'],
  ['policy check edf --kernel 6.1', 'has no sched_ext'],
  ['policy check edf --kernel 6.1', 'so do 6.16, 6.17, 6.18, 6.19, 7.0, 7.3'],
  ['synthesize --kernel cfs --workload wakeup', '--kernel: "cfs" has no sched_ext'],
  ['synthesize --kernel sxc --workload wakeup', '--kernel: "sxc" is no role'],
  ['synthesize', '--workload is missing'],
  ['policy compile edf --out /nowhere/x.o', '--out'],
  [`policy compile edf --out ${base}/x.o --kernel cfs`, 'has no sched_ext'],
  ['policy apply edf --tunable typo=1', 'is no tunable of edf'],
  ['policy apply edf --ttl 100h', '--ttl: "100h" must be whole ms from 1s to 24h'],
  ['policy apply edf --guard x<=1', '"x" is no figure of this machine'],
  ['policy diff edf vtime --trial typo', '--workload: "typo" is not known'],
  ['policy trial edf --kernel 4.19', '--kernel: "4.19" is no role'],
  [`change stage --set slice_ns=300us --scope pid:${PID} --guard zzz<=1`, 'is no figure of this machine'],
  ['change stage --set slice_ns=300us --scope pid:1', 'holds PID 1'],
  [`change stage --set cpu_weight=200 --scope pid:${PID}`, 'does not go with cpu_weight'],
  [`change stage --set slice_ns=300us --scope pid:${PID} --ttl 100h`, '--ttl'],
  ['mcp --http 99999', '--http: "99999"'],
  ['mcp --token-file /tmp/x', 'goes with --http'],
  [`start --seed x --out ${OUT}`, '--seed: "x"'],
  ['bench evidence --only zzzz', '--only: "zzzz" is in no policy’s name'],
  ['bench verify --only zzzz', '--only: "zzzz" is in no name of what is measured'],
  ['bench verify --part times --only mutual-macros-zzzz', '--only: "mutual-macros-zzzz" is in no name'],
  ['bench verify --part god', '--part: "god" is no part'],
  ['bench synthesis --cases zzzz', '--cases: "zzzz" is no case'],
  ['ledger show --last x', '--last: "x"'],
];

describe('what is typed wrong is told at once', () => {
  it.each(REFUSED)('%s', async (line, said) => {
    const { exitCode, stderr } = await run(line);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain('fetching');
    expect(exitCode).toBe(2);
    expect(existsSync(OUT)).toBe(false);
  });

  it('and lint needs no kernel', async () => {
    expect(await run('policy check edf --until lint')).toMatchObject({ exitCode: 0 });
    expect(existsSync(join(base, 'cache/tunesmith/apt'))).toBe(false);
  });

  it.skipIf(existsSync('/sys/kernel/sched_ext'))('a kernel without sched_ext is said to be one', async () => {
    for (const line of ['policy apply edf', `policy compile edf --out ${base}/edf.o`]) {
      const { exitCode, stderr } = await run(line);
      expect(stderr).toContain('this kernel has no sched_ext');
      expect(exitCode).toBe(3);
    }
    expect(existsSync(join(base, 'cache/tunesmith/types'))).toBe(false);
  });
});
