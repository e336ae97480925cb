import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { median, spread } from '../statistics.js';
import type { Row } from './rows.js';
import {
  type Condition,
  hackbenchSeconds,
  run,
  tool,
  withEmptyHooks,
  withRunqlat,
  withSampler,
} from './tools.js';

const SWITCH = '/proc/sys/kernel/bpf_stats_enabled';
const programs = z.array(
  z.object({ id: z.int(), run_time_ns: z.number().default(0), run_cnt: z.number().default(0) }),
);

interface Account {
  /** ns spent in a program since the kernel began to count, its two clock reads included. */
  readonly ns: number;
  readonly runs: number;
}

async function accounts(): Promise<Map<number, Account>> {
  const { stdout } = await run(tool('bpftool'), ['prog', 'show', '--json']);
  return new Map(
    programs.parse(JSON.parse(stdout)).map(({ id, run_time_ns: ns, run_cnt: runs }) => [id, { ns, runs }]),
  );
}

/** What the programs that `condition` loads come to in one run of hackbench, program by program. */
async function spent(condition: Condition): Promise<readonly Account[]> {
  const before = await accounts();
  return await condition(async () => {
    const own = [...(await accounts())].filter(([id]) => !before.has(id));
    await hackbenchSeconds(400, 1);
    const after = await accounts();
    return own.map(([id, { ns, runs }]) => ({
      ns: (after.get(id)?.ns ?? ns) - ns,
      runs: (after.get(id)?.runs ?? runs) - runs,
    }));
  });
}

const total = (of: readonly Account[], key: keyof Account): number =>
  of.reduce((sum, account) => sum + account[key], 0);

/** ns a switch, without what the account itself costs: an empty program's time. A switch is what runs most often. */
function perSwitch(of: readonly Account[], empty: readonly Account[]): number {
  const own = total(empty, 'ns') / total(empty, 'runs');
  return (total(of, 'ns') - own * total(of, 'runs')) / Math.max(...of.map(({ runs }) => runs));
}

/**
 * The kernel's own account of the programs' time (kernel.bpf_stats_enabled, put back afterwards), which what disturbs a
 * wall clock touches least.
 * @throws TunesmithError (incapable) without bpftool; the system's error when the account cannot be switched on
 */
export async function programTime(rounds: number): Promise<Row[]> {
  const was = readFileSync(SWITCH, 'utf8');
  writeFileSync(SWITCH, '1');
  try {
    const [sampler, runqlat]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const empty = await spent(withEmptyHooks);
      sampler.push(perSwitch(await spent(withSampler), empty));
      runqlat.push(perSwitch(await spent(withRunqlat), empty));
    }
    const ratio = median(sampler) / median(runqlat);
    return [
      {
        name: 'hackbench, time in the sampler’s programs, a switch',
        bar: '',
        value: spread(sampler, 0, 'ns'),
      },
      { name: '… in runqlat’s programs', bar: '', value: spread(runqlat, 0, 'ns') },
      { name: '… sampler ÷ runqlat', bar: '≤ 0.25', value: ratio.toFixed(2), met: ratio <= 0.25 },
    ];
  } finally {
    writeFileSync(SWITCH, was);
  }
}
