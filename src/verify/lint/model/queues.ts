import { CONSUME, INSERT_FIFO, INSERT_VTIME, MOVE } from './kfuncs.js';
import { DSQ_BUILTIN } from './known.js';
import { perNode } from './memo.js';
import type { Call, Policy, QueueUse } from './policy.js';

/** What the policy does with queues (DSQs). */
export interface Queues {
  readonly created: readonly QueueUse[];
  readonly fifo: readonly QueueUse[];
  readonly vtime: readonly QueueUse[];
  readonly moved: readonly QueueUse[];
  readonly consumed: readonly QueueUse[];
  /** The queues that something takes tasks from, by iteration too. */
  readonly takenFrom: ReadonlySet<bigint>;
  /** Whether something consumes in a way that does not show which queue. */
  readonly consumesUnknown: boolean;
}

const ARGUMENT = new Map<string, number>([
  ['scx_bpf_create_dsq', 0],
  ...CONSUME.map((name) => [name, 0] as const),
  ...[...INSERT_FIFO, ...INSERT_VTIME].map((name) => [name, 1] as const),
  ...MOVE.map((name) => [name, 2] as const),
]);

export function queueOf(policy: Policy, call: Call): QueueUse | undefined {
  const text = call.args[ARGUMENT.get(call.name) ?? -1]?.text;
  return text === undefined ? undefined : { call, text, id: policy.constants.value(text) };
}

const uses = (policy: Policy, names: readonly string[]): QueueUse[] =>
  policy.callsTo(...names).flatMap((call) => queueOf(policy, call) ?? []);

export const queuesOf = perNode((policy: Policy): Queues => {
  const iterated = policy.root.all('while_statement').flatMap((loop) => {
    if (!policy.rewritten.bpfLoops.has(loop.start)) return [];
    return (
      /\(\s*scx_dsq\s*,\s*\w+\s*,\s*([^,)]+)/.exec(loop.child('condition')?.text ?? '')?.[1] ??
      // policy_for_each_queued(p, QUEUE)
      (policy.source.startsWith('policy_', loop.start)
        ? /,\s*([^,)]+)/.exec(loop.child('condition')?.text ?? '')?.[1]
        : undefined) ??
      []
    );
  });
  const consumed = uses(policy, CONSUME);
  const iteratedUses = iterated.map((text) => ({ id: policy.constants.value(text), text }));
  const manual = policy.callsTo('bpf_iter_scx_dsq_new');
  return {
    created: uses(policy, ['scx_bpf_create_dsq']),
    fifo: uses(policy, INSERT_FIFO),
    vtime: uses(policy, INSERT_VTIME),
    moved: uses(policy, MOVE),
    consumed,
    takenFrom: new Set([...consumed, ...iteratedUses].flatMap(({ id }) => id ?? [])),
    consumesUnknown:
      manual.length > 0 ||
      // A call whose name is pasted together, or goes through a pointer.
      policy.root.all('call_expression').some((node) => node.child('function')?.type !== 'identifier') ||
      [...consumed, ...iteratedUses].some(({ id }) => id === null) ||
      [...policy.macros.values()].some((text) =>
        /move_to_local|scx_bpf_consume|scx_dsq|dsq_move|##/.test(text),
      ),
  };
});

export const isBuiltin = (id: bigint): boolean => (id & DSQ_BUILTIN) !== 0n;

/** Calls that insert a task, whichever way. */
export const inserts = (policy: Policy): Call[] => policy.callsTo(...INSERT_FIFO, ...INSERT_VTIME);
