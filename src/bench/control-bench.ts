import { TunesmithError } from '../errors.js';
import { bootFunctional } from '../lab/functional/guest.js';
import type { FaultReport } from './control/faults.js';
import type { Latencies, Timed } from './control/latency.js';
import { table } from './table.js';

const KERNEL = '6.18';
const ROUNDS = 200;
/** A part that ends in time even on a busy host. */
const RUNS_AT_ONCE = 30;
const PART_LIMIT_MS = 280_000;

export interface ControlBench {
  readonly schema: 'tunesmith.bench.control/1';
  readonly kernel: string;
  readonly latencies: Latencies;
  readonly faults: Pick<FaultReport, 'runs' | 'left' | 'lost' | 'cuts' | 'wrong'>;
  readonly text: string;
}

/** What transactions cost and what they survive, on a real kernel's knobs in a lab guest; `runs` faults are injected. */
export async function controlBench(runs: number, note: (text: string) => void): Promise<ControlBench> {
  await using guest = await bootFunctional({ kernel: KERNEL, cpus: 2 });
  const run = async <T>(...args: string[]): Promise<T> => {
    const done = await guest.exec(['node', 'dist/bench/control/main.js', ...args], {
      timeoutMs: PART_LIMIT_MS,
    });
    if (done.status === 0) return JSON.parse(done.stdout) as T;
    throw new TunesmithError('guest', `${args.join(' ')} failed in the guest: ${done.stderr.slice(-2000)}`);
  };
  const latencies = await run<Latencies>('latency', String(ROUNDS));
  note('latencies are measured');
  const parts: FaultReport[] = [];
  for (let left = runs; left > 0; left -= RUNS_AT_ONCE) {
    parts.push(
      await run<FaultReport>('faults', String(Math.min(left, RUNS_AT_ONCE)), String(parts.length + 1)),
    );
    note(`${Math.min(runs, parts.length * RUNS_AT_ONCE)} of ${runs} faults injected`);
  }
  const faults = sum(parts);
  return {
    schema: 'tunesmith.bench.control/1',
    kernel: KERNEL,
    latencies,
    faults,
    text: textOf(latencies, faults),
  };
}

function sum(parts: readonly FaultReport[]): FaultReport {
  const cuts: Record<string, number> = {};
  for (const part of parts)
    for (const [name, count] of Object.entries(part.cuts)) cuts[name] = (cuts[name] ?? 0) + count;
  const total = (of: (part: FaultReport) => number): number => parts.reduce((all, part) => all + of(part), 0);
  return {
    ...{ runs: total(({ runs }) => runs), left: total(({ left }) => left), lost: total(({ lost }) => lost) },
    ...{ cuts, wrong: parts.flatMap(({ wrong }) => wrong) },
  };
}

function textOf(latencies: Latencies, { runs, left, lost, cuts, wrong }: FaultReport): string {
  const ms = (value: number): string => `${value.toFixed(3)} ms`;
  const row = (name: string, { beyond, sync }: Timed): string[] => [
    name,
    '≤ 1 ms beyond the sync',
    `${ms(beyond)} + ${ms(sync)} sync`,
    beyond <= 1 ? 'met' : 'not met',
  ];
  const { stage, commit, revert, revert20, rssKib } = latencies;
  const verdict = (met: boolean): string => (met ? 'met' : 'not met');
  const rows = [
    ['figure', 'bar', `measured (Linux ${KERNEL} guest, p50)`, ''],
    row('stage → in force, one knob', stage),
    row('commit', commit),
    row('revert', revert),
    ...(revert20 === null ? [] : [['revert of 20 knobs', '≤ 5 ms', ms(revert20), verdict(revert20 <= 5)]]),
    [
      'deadman’s resident memory',
      '≤ 1.5 MB',
      `${(rssKib / 1024).toFixed(2)} MiB`,
      verdict(rssKib * 1024 <= 1.5e6),
    ],
    [`staged values left (${runs} kills)`, '0', `${left}`, verdict(left === 0)],
    [`committed values lost (${runs} kills)`, '0', `${lost}`, verdict(lost === 0)],
  ];
  const steps = `${Object.keys(cuts).length} kinds of death: ${Object.entries(cuts)
    .map(([name, count]) => `${name} ×${count}`)
    .join(', ')}`;
  return [table(rows), '', steps, ...wrong.map((one) => JSON.stringify(one))].join('\n');
}
