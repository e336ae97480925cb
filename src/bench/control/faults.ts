import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Step } from '../../change/options.js';
import { Transactions } from '../../change/transactions.js';
import { readUndo } from '../../change/undo-file.js';
import type { KnobValues } from '../../knobs/types.js';
import { prng } from '../../tuners/prng.js';
import { makeFiles, optionsFor, type Place, STAGED, valuesNow } from './knobs.js';
import type { Order } from './victim.js';

/** The steps at which a verb can be cut, in their order; null: any moment. */
const STEPS: Readonly<Record<Order['verb'], readonly (Step | null)[]>> = {
  stage: ['planned', 'journalled', 'in force', 'staged', null],
  commit: ['committing', 'kept', null],
  revert: ['reverting', 'put back', null],
};
const KILLS = ['node', 'deadman', 'both'] as const;
/** How long after the death of a process a value that was only staged may be there. */
const LEASE_GRACE_MS = 1000;

export interface FaultRun {
  readonly verb: Order['verb'];
  readonly at: string;
  readonly kill: Order['kill'];
  /** What the journal says in the end. */
  readonly state: string;
  /** A value that was only staged was there when it must not be. */
  readonly left: boolean;
  /** A value that was committed, or told to be, is not there. */
  readonly lost: boolean;
  readonly why: string;
}

export interface FaultReport {
  readonly runs: number;
  readonly left: number;
  readonly lost: number;
  /** How often each step was cut: `commit committing both`. */
  readonly cuts: Readonly<Record<string, number>>;
  /** Those that went wrong. */
  readonly wrong: readonly FaultRun[];
}

type Victim = ChildProcessByStdio<Writable, Readable, null>;
/** As built, for the sources too: it is a program of its own. */
const VICTIM = fileURLToPath(new URL('../../../dist/bench/control/victim.js', import.meta.url));

const AHEAD = 2;

interface Started {
  readonly child: Victim;
  /** What it has said so far. */
  said: string;
  readonly ended: Promise<unknown>;
}

/**
 * Every verb, step and kind of death in turn, so often; which moment a random cut takes follows from the seed.
 * @param first which of them is the first, when a series is made in parts
 */
export async function injectFaults(
  place: Place,
  runs: number,
  seed: number,
  note: (text: string) => void,
  graceMs = LEASE_GRACE_MS,
  first = 0,
): Promise<FaultReport> {
  const home = mkdtempSync(join(tmpdir(), 'tunesmith-faults-'));
  const next = prng(seed);
  const plans = Object.entries(STEPS).flatMap(([verb, steps]) =>
    steps.flatMap((at) => KILLS.map((kill) => ({ verb: verb as Order['verb'], at, kill }))),
  );
  const done: FaultRun[] = [];
  // Node takes longest to start: the next victims do that while one is at work.
  const waiting = Array.from({ length: Math.min(AHEAD, runs) }, () => start());
  try {
    for (let run = 0; run < runs; run++) {
      const dir = join(home, `state-${run}`);
      const files = place === null ? null : mkdtempSync(join(home, 'knobs-'));
      if (files) makeFiles(files);
      const plan = plans[(first + run) % plans.length] as (typeof plans)[number];
      if (run + AHEAD < runs) waiting.push(start());
      const result = await runOne(waiting.shift() as Started, { ...plan, place: files, dir }, next, graceMs);
      done.push(result);
      if (result.left || result.lost) note(JSON.stringify(result));
      else if ((run + 1) % 20 === 0) note(`${run + 1} of ${runs} runs`);
    }
  } finally {
    for (const { child } of waiting) child.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  }
  const cuts: Record<string, number> = {};
  for (const { verb, at, kill } of done)
    cuts[`${verb} ${at} ${kill}`] = (cuts[`${verb} ${at} ${kill}`] ?? 0) + 1;
  return {
    runs: done.length,
    left: done.filter(({ left }) => left).length,
    lost: done.filter(({ lost }) => lost).length,
    cuts,
    wrong: done.filter(({ left, lost }) => left || lost),
  };
}

function start(): Started {
  const child = spawn(process.execPath, [VICTIM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const started: Started = {
    ...{ child, said: '' },
    ended: new Promise((resolve) => child.once('close', resolve)),
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    started.said += text;
  });
  child.stdin.on('error', () => {}); // it may be dead before it reads
  return started;
}

async function until(test: () => boolean, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (!test()) {
    if (performance.now() > end) return false;
    await sleep(5);
  }
  return true;
}

async function runOne(victim: Started, order: Order, next: () => number, graceMs: number): Promise<FaultRun> {
  const before = valuesNow(order.place);
  victim.child.stdin.write(`${JSON.stringify(order)}\n`);
  if (!(await until(() => victim.said.includes('ready'), 240_000)))
    throw new Error(`the victim did not get ready: ${victim.said}`);
  const deadman = Number(/ready (\d+)/.exec(victim.said)?.[1]);
  victim.child.stdin.write('go\n');
  if (order.at === null) await killSometime(victim, order, deadman, next);
  await victim.ended;
  // Only Node is dead: its deadman sees that by itself. Only the deadman is dead: Node has seen it before it ended.
  const stray = order.kill === 'both' ? false : !(await until(() => isSettled(order.dir), graceMs));
  const verdict = judge(order, before, stray, victim.said);
  return { verb: order.verb, at: order.at ?? 'any moment', kill: order.kill, ...verdict };
}

/** Within what the verb takes, as far as one can tell from outside. */
async function killSometime(
  { child }: Started,
  order: Order,
  deadman: number,
  next: () => number,
): Promise<void> {
  const end = performance.now() + next() * 15;
  while (performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
  const kill = (pid: number | undefined) => {
    try {
      if (pid) process.kill(pid, 'SIGKILL');
    } catch {
      // it was quicker
    }
  };
  if (order.kill !== 'node') kill(deadman);
  if (order.kill !== 'deadman') kill(child.pid);
}

const equal = (a: KnobValues, b: KnobValues): boolean => Object.keys(b).every((name) => a[name] === b[name]);

/** No undo list is open: what the process that lives had to put back is back. */
const isSettled = (dir: string): boolean =>
  ['c1', 'c2'].every((id) => !['staging', 'staged'].includes(readUndo(dir, id)?.state ?? 'none'));

/** The next start settles what is open; then the kernel must hold what the journal says. Puts everything back. */
function judge(
  order: Order,
  before: KnobValues,
  stray: boolean,
  said: string,
): Pick<FaultRun, 'state' | 'left' | 'lost' | 'why'> {
  const early = valuesNow(order.place);
  using changes = new Transactions(optionsFor(order.place, order.dir));
  const change = changes.list({ limit: 1 })[0];
  const state = change?.state ?? 'none';
  const now = valuesNow(order.place);
  const isKept = state === 'committed';
  // With one of the two alive nothing waits for the next start.
  const waited = order.kill !== 'both' && !isKept && !equal(early, before);
  const left = stray || waited || state === 'staged' || (!isKept && !equal(now, before));
  const told = /^committed$/m.test(said);
  const lost = (isKept && !equal(now, STAGED)) || (order.verb === 'commit' && told && !isKept);
  if (isKept && change) changes.revert(change.id, { operator: 'bench' });
  const why =
    left || lost
      ? JSON.stringify({ stray, early, now, said, notes: change?.notes, reason: change?.endReason })
      : '';
  return { state, left, lost, why };
}
