import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { TunesmithError } from '../errors.js';
import { bootFunctional, type FunctionalGuest } from '../lab/functional/guest.js';
import { resolveKernel } from '../lab/kernels/resolve.js';
import type { FaultReport } from './control/faults.js';
import { makeFiles } from './control/knobs.js';
import { type Latencies, measureLatencies, type Timed } from './control/latency.js';
import { table } from './table.js';

const KERNEL = 'scx';
const ROUNDS = 200;
/** Where every instruction is counted, a round takes longer than it says. */
const COUNTED_ROUNDS = 100;
/** A part that ends in time even on a busy host. */
const RUNS_AT_ONCE = 10;
const PART_LIMIT_MS = 280_000;

export interface ControlBench {
  readonly schema: 'tunesmith.bench.control/1';
  readonly kernel: string;
  readonly machine: string;
  /** In a guest on this machine's clock. */
  readonly latencies: Latencies;
  /** In a guest whose clock counts instructions, 2 ns each: the same however busy this machine is. */
  readonly counted: Latencies;
  /** The same on this machine, its knobs plain files. */
  readonly host: Latencies;
  readonly faults: Pick<FaultReport, 'runs' | 'left' | 'lost' | 'cuts' | 'wrong'>;
  readonly text: string;
}

/** What transactions cost and what they survive, on a real kernel's knobs in a lab guest; `runs` faults are injected. */
export async function controlBench(runs: number, note: (text: string) => void): Promise<ControlBench> {
  const { release: kernel } = await resolveKernel(KERNEL);
  const host = await onHost();
  note('latencies on this machine are measured');
  const counted = await inCountingGuest();
  note('latencies in a guest whose clock counts instructions are measured');
  await using guest = await bootFunctional({ kernel: KERNEL, cpus: 2 });
  const latencies = await run<Latencies>(guest, 'latency', String(ROUNDS));
  note('latencies in a guest on this machine’s clock are measured');
  const parts: FaultReport[] = [];
  for (let left = runs; left > 0; left -= RUNS_AT_ONCE) {
    const part = [Math.min(left, RUNS_AT_ONCE), parts.length + 1, runs - left];
    parts.push(await run<FaultReport>(guest, 'faults', ...part.map(String)));
    note(`${Math.min(runs, parts.length * RUNS_AT_ONCE)} of ${runs} faults injected`);
  }
  const faults = sum(parts);
  return {
    schema: 'tunesmith.bench.control/1',
    kernel,
    machine: MACHINE,
    latencies,
    counted,
    host,
    faults,
    text: textOf(kernel, { guest: latencies, counted, host }, faults),
  };
}

async function run<T>(guest: FunctionalGuest, ...args: string[]): Promise<T> {
  const done = await guest.exec(['node', 'dist/bench/control/main.js', ...args], {
    timeoutMs: PART_LIMIT_MS,
  });
  if (done.status === 0) return JSON.parse(done.stdout) as T;
  throw new TunesmithError('guest', `${args.join(' ')} failed in the guest: ${done.stderr.slice(-2000)}`);
}

async function inCountingGuest(): Promise<Latencies> {
  await using guest = await bootFunctional({ kernel: KERNEL, cpus: 2, clock: 'instructions' });
  return await run<Latencies>(guest, 'latency', String(COUNTED_ROUNDS));
}

const MACHINE = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown CPU'}, Linux ${release()}, Node ${process.versions.node}`;

/** A guest's CPUs are emulated, some twenty times slower than these: the same code where it runs as users have it. */
async function onHost(): Promise<Latencies> {
  const place = mkdtempSync(join(tmpdir(), 'tunesmith-knobs-'));
  try {
    makeFiles(place);
    return await measureLatencies(place, ROUNDS);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
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

function textOf(
  kernel: string,
  { guest, counted, host }: Readonly<Record<'guest' | 'counted' | 'host', Latencies>>,
  { runs, left, lost, cuts, wrong }: FaultReport,
): string {
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  const row = (name: string, where: string, { total, syncs }: Timed, fsync: number): string[] => {
    const beyond = total - syncs * fsync;
    return [
      `${name}, ${where}`,
      '≤ 1 ms beyond the sync',
      `${ms(beyond)} + ${ms(syncs * fsync)} sync`,
      beyond <= 1 ? 'met' : 'not met',
    ];
  };
  const { revert20, rssKib } = guest;
  const verbs = [
    ['stage → in force', 'stage'],
    ['commit', 'commit'],
    ['revert', 'revert'],
  ] as const;
  const verdict = (met: boolean): string => (met ? 'met' : 'not met');
  const rows = [
    ['figure', 'bar', 'measured (p50)', ''],
    ...verbs.map(([name, verb]) => row(name, 'one knob, guest', counted[verb], counted.fsync)),
    ...verbs.map(([name, verb]) => row(name, 'one knob, guest by the wall', guest[verb], guest.fsync)),
    ...verbs.map(([name, verb]) => row(name, 'one file, this machine', host[verb], host.fsync)),
    ...(revert20 === null
      ? []
      : [['revert of 20 knobs, guest', '≤ 5 ms', ms(revert20), verdict(revert20 <= 5)]]),
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
  const machine = `${MACHINE}; guest: Linux ${kernel} under TCG, 2 ns an instruction; by the wall: emulated on this machine’s clock`;
  return [machine, '', table(rows), '', steps, ...wrong.map((one) => JSON.stringify(one))].join('\n');
}
