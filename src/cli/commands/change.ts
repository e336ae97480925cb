import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { type MachineMetrics, machineMetrics } from '../../change/metrics.js';
import { recordIn } from '../../change/record.js';
import { plainChange } from '../../change/schema.js';
import { Transactions } from '../../change/transactions.js';
import type { Staged } from '../../change/types.js';
import { EXIT, usageError } from '../../errors.js';
import { HOST_SCHEDULER } from '../../host/scheduler.js';
import { parseSettings } from '../../knobs/parse.js';
import { Ledger } from '../../ledger/ledger.js';
import { parsePositiveDuration } from '../../units.js';
import type { Guardrail } from '../../workloads/types.js';
import { changeLine, changeText, listText } from '../describe-change.js';
import { operator } from '../operator.js';
import { collect } from '../options.js';
import { makeOutput, type Output } from '../output.js';
import { stopSignal } from '../signals.js';

interface StageFlags {
  readonly set: string[];
  readonly scope?: string;
  readonly ttl: string;
  readonly key?: string;
  readonly reason?: string;
  readonly guard: string[];
  readonly json?: boolean;
}

/** Runs `work` on this machine's changes, all of it recorded in the ledger. */
async function withChanges<T>(work: (changes: Transactions) => T | Promise<T>): Promise<T> {
  using ledger = new Ledger();
  using changes = new Transactions({ onEvent: recordIn(ledger) });
  return await work(changes);
}

/** `runq_latency_p99_ns<=2x` (of what it is before), `idle_share>=0.1`. */
function guardrailFrom(text: string): Guardrail {
  const [, metric, side, number, times] = /^([a-z]\w*)(<=|>=)(\d+(?:\.\d+)?)(x?)$/.exec(text.trim()) ?? [];
  if (metric === undefined)
    throw usageError(
      '--guard',
      text,
      'is not METRIC<=NUMBER or METRIC>=NUMBER',
      'for example runq_latency_p99_ns<=2x',
    );
  const rule = `${side === '<=' ? 'at most' : 'at least'}${times ? ' × default' : ''}` as Guardrail['rule'];
  return { metric, rule, value: Number(number), why: `--guard ${text}` };
}

async function stage(flags: StageFlags): Promise<void> {
  const out = makeOutput(flags.json ?? false);
  if (flags.set.length === 0)
    throw usageError('--set', '', 'names no knob', 'for example --set base_slice_ns=3ms');
  const guardrails = flags.guard.map(guardrailFrom);
  const watched: MachineMetrics | null = guardrails.length > 0 ? machineMetrics() : null;
  if (watched && watched.refusal !== '') out.note(`no run-queue figures: ${watched.refusal}`);
  // The first figures need a window to be of.
  if (watched) await sleep(1000);
  try {
    await withChanges(async (changes) => {
      const staged = await changes.stageWatched({
        ...{ values: parseSettings(flags.set, HOST_SCHEDULER, 'host'), caller: operator() },
        ...{
          ttlMs: parsePositiveDuration(flags.ttl, '--ttl') / 1e6,
          scope: flags.scope,
          reason: flags.reason,
        },
        ...{ idempotencyKey: flags.key, guardrails, metrics: watched?.source },
      });
      await hold(changes, staged, out);
    });
  } finally {
    watched?.[Symbol.dispose]();
  }
}

/** Prints the token, then stays until the change is over: what is staged never outlives this process. */
async function hold(
  changes: Transactions,
  { change, token, warnings, repeated }: Staged,
  out: Output,
): Promise<void> {
  for (const warning of warnings) out.note(`note: ${warning}`);
  const plain = plainChange(change);
  const body = { schema: 'tunesmith.staged/1', change: plain, token, warnings, repeated };
  out.result(body, `${changeText(change)}\ntoken ${token}`);
  if (repeated) return;
  out.note(`commit it with: tunesmith change commit ${token}`);
  const stop = stopSignal(out.note);
  let now = change;
  while (now.state === 'staged' && !stop.aborted) {
    await sleep(200, undefined, { signal: stop }).catch(() => {});
    [now = now] = changes.list().filter(({ id }) => id === change.id);
  }
  if (now.state === 'staged') now = changes.revert(token, { caller: change.caller }, 'interrupted');
  out.note(changeLine(now));
  if (now.state !== 'committed') process.exitCode = EXIT.rejected;
}

async function end(
  how: 'commit' | 'revert',
  name: string,
  flags: { json?: boolean; reason?: string },
): Promise<void> {
  const out = makeOutput(flags.json ?? false);
  const asker = { operator: operator() };
  const change = await withChanges((changes) =>
    how === 'commit' ? changes.commit(name, asker) : changes.revert(name, asker, flags.reason),
  );
  out.result(plainChange(change), changeText(change));
  if (change.notes.length > 0 && how === 'revert' && change.items.some(({ fate }) => fate === 'stuck'))
    process.exitCode = EXIT.rejected;
}

async function list(flags: { all?: boolean; json?: boolean }): Promise<void> {
  const out = makeOutput(flags.json ?? false);
  const states = flags.all ? {} : { states: ['staged', 'committed'] as const };
  const changes = await withChanges((all) => all.list(states));
  out.result(
    { schema: 'tunesmith.changes/1', changes: changes.map(plainChange) },
    listText(changes, flags.all ?? false),
  );
}

export function changeCommand(): Command {
  const command = new Command('change').description('changes of this machine’s knobs, as transactions');
  command
    .command('list')
    .description('what is staged and committed')
    .option('--all', 'also what has ended')
    .option('--json', 'print one JSON object')
    .action(list);
  command
    .command('stage')
    .description(
      'puts values in force until the time is up, it is committed or reverted, or this command ends',
    )
    .option('--set <knob=value>', 'a knob’s value; repeatable', collect, [])
    .option('--scope <what>', 'machine (default), cpus:LIST, pid:N[,N], tree:PID or cgroup:/PATH')
    .option('--ttl <time>', 'how long it stays unless it is committed, 1s to 24h', '60s')
    .option(
      '--guard <rule>',
      'METRIC<=N or >=N, Nx: times what it is now; judged each second; repeatable',
      collect,
      [],
    )
    .option('--key <text>', 'idempotency key: the same key stages nothing twice')
    .option('--reason <text>', 'why, for the record')
    .option('--json', 'print one JSON object')
    .action(stage);
  command
    .command('commit')
    .argument('<change>', 'token or id')
    .description('keeps a staged change for good')
    .option('--json', 'print one JSON object')
    .action((name: string, flags: { json?: boolean }) => end('commit', name, flags));
  command
    .command('revert')
    .argument('<change>', 'token or id')
    .description('puts a staged or committed change back')
    .option('--reason <text>', 'why, for the record')
    .option('--json', 'print one JSON object')
    .action((name: string, flags: { json?: boolean; reason?: string }) => end('revert', name, flags));
  return command;
}
