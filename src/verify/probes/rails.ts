import type { Rail } from './probe.js';

const MS = 1e6;

/** At most `factor` times what the kernel's own scheduler does, and never judged below `floor`. */
const times =
  (factor: number, floor: number) =>
  (own: number): number =>
    Math.max(factor * own, floor);

/** Waits that a queue of long turns explains stay below the floor; a task that is forgotten for a while does not. */
export const LATENCY: readonly Rail[] = [
  {
    rule: 'trial/latency',
    metric: 'wakeup_p99_ns',
    atMost: times(20, 150 * MS),
    why: 'tasks that sleep wait too long',
    hint: 'order the queue so that a task that wakes up is reached, or shorten the slice',
  },
  {
    rule: 'trial/latency',
    metric: 'longest_wait_ns',
    // Turns of 20 ms, first come, first served, and a task goes to the end whenever its cgroup changes: 267 ms.
    atMost: times(20, 400 * MS),
    why: 'a runnable task did not run for that long',
    hint: 'bound what a task may run ahead of others: clamp the credit of sleepers, serve oldest first',
  },
  {
    rule: 'trial/latency',
    metric: 'kthread_max_ns',
    atMost: times(20, 250 * MS),
    why: 'the kernel’s own per-CPU threads wait',
    hint: 'insert tasks with one CPU into that CPU’s local queue',
  },
];

export const FAIRNESS: readonly Rail[] = [
  {
    rule: 'trial/fairness',
    metric: 'fairness_jain',
    atLeast: (own) => Math.min(0.6, 0.8 * own),
    why: 'equal tasks get unequal shares',
    hint: 'charge what a task ran, and place newcomers at the clock',
  },
];

/**
 * Shares within a factor of two of the kernel's own; of a policy that goes by no weights, within twenty. Who gets nothing
 * at all in a window has no wait that ended, so its latency shows nothing.
 */
export const WEIGHTS: readonly Rail[] = [
  {
    rule: 'trial/fairness',
    metric: 'weight_ratio',
    atLeast: (own) => own / 20,
    atMost: (own) => own * 20,
    why: 'tasks of one nice value got next to nothing',
    hint: 'let no queue go before another for ever: take turns, or let what has waited move up',
  },
  {
    rule: 'trial/fairness',
    metric: 'weight_ratio',
    atLeast: (own) => own / 2,
    atMost: (own) => own * 2,
    why: 'shares do not go by weight',
    hint: 'charge run time divided by weight (per_weight); a weight of 0 divides nothing',
    onlyIf: 'weighted',
  },
];

export const BUSY: readonly Rail[] = [
  {
    rule: 'trial/idle-while-queued',
    metric: 'idle_while_queued_share',
    atMost: (own) => Math.max(3 * own, own + 0.25),
    why: 'a CPU stood idle while tasks waited elsewhere',
    hint: 'kick an idle CPU after an insert, let idle CPUs look at every queue',
  },
];

export const RATES: readonly Rail[] = [
  {
    rule: 'trial/switch-rate',
    metric: 'switches_per_s',
    atMost: times(6, 8000),
    why: 'more switches than any load needs',
    hint: 'give turns of a millisecond or more, and do not preempt at every wake-up',
  },
  {
    rule: 'trial/migration-rate',
    metric: 'migrations_per_s',
    atMost: times(4, 4500), // one queue for eight CPUs: each turn of a tick's length may be elsewhere
    why: 'tasks are thrown from CPU to CPU',
    hint: 'prefer the CPU a task was on',
  },
  {
    rule: 'trial/ipi-rate',
    metric: 'ipis_per_s',
    atMost: times(6, 5000),
    why: 'CPUs interrupt each other more than any load needs',
    hint: 'kick one CPU that is idle (SCX_KICK_IDLE), not every CPU, and none for a task that goes where it is',
  },
];

export const OVERHEAD: readonly Rail[] = [
  {
    rule: 'trial/overhead',
    metric: 'throughput_per_s',
    atLeast: (own) => 0.75 * own,
    why: 'the policy itself takes the time that tasks want',
    hint: 'do less at each enqueue and dispatch: no look at every CPU or every task',
  },
];

export const FORKS: readonly Rail[] = [
  {
    rule: 'trial/fork-errors',
    metric: 'fork_errors',
    atMost: (own) => own,
    why: 'processes could not be made',
    hint: 'init_task must not fail: use task storage, not a map that can be full',
  },
];

export const MEMORY: readonly Rail[] = [
  {
    rule: 'trial/memory',
    metric: 'memory_taken_bytes',
    // Forks alone leave 2 to 6 MiB more or less behind in the kernel's caches, as the order of tasks has it.
    atMost: (own) => own + 8 * 2 ** 20,
    why: 'memory goes that does not come back',
    hint: 'bound what the policy keeps: one entry a task or CPU, deleted with it',
  },
];

/** What every probe is held to. */
export const ALWAYS: readonly Rail[] = [...LATENCY, ...BUSY, ...RATES, ...MEMORY];
