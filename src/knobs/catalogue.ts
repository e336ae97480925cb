import { usageError } from '../errors.js';
import { nearHint } from '../near.js';
import { HOST_KNOBS } from './host.js';
import { counterpart } from './map.js';
import type { KernelKnob, Knob, SchedulerClass } from './types.js';

const PAPER = 'LumOS paper (MLForSys’25), appendix A, parameter ranges';
const BOTH: readonly SchedulerClass[] = ['cfs', 'eevdf'];

/**
 * The scheduler's knobs of CFS (checked with Linux 6.1) and EEVDF (6.6 and later). The kernel itself accepts any
 * 32-bit number in these files, so the ranges here are what keeps a machine usable. There are no defaults: the
 * kernel scales its own with the number of CPUs, so they are read from the kernel at hand.
 */
export const KNOBS: readonly KernelKnob[] = [
  {
    name: 'latency_ns',
    unit: 'ns',
    min: 2_000_000,
    max: 100_000_000,
    scale: 'log',
    debugfs: 'sched/latency_ns',
    classes: ['cfs'],
    risk: 'medium',
    meaning:
      'Period in which every runnable task of a CPU should run once; each gets an equal part of it. Short: quick ' +
      'turns, more switches. Long: fewer switches, longer waits. Half of it is also the credit a waking task gets.',
    source: PAPER,
  },
  {
    name: 'min_granularity_ns',
    unit: 'ns',
    min: 200_000,
    max: 10_000_000,
    scale: 'log',
    debugfs: 'sched/min_granularity_ns',
    classes: ['cfs'],
    risk: 'medium',
    meaning:
      'Shortest turn of a task, whatever latency_ns divided by the tasks comes to. Low: responsive, more ' +
      'switches. High: it overrides latency_ns when many tasks are runnable, and short tasks wait.',
    source: PAPER,
  },
  {
    name: 'wakeup_granularity_ns',
    unit: 'ns',
    min: 50_000,
    max: 50_000_000,
    scale: 'log',
    debugfs: 'sched/wakeup_granularity_ns',
    classes: ['cfs'],
    risk: 'medium',
    meaning:
      'Lead in virtual run time a waking task needs to preempt the running one. Low: wake-ups preempt at once. ' +
      'Above half of latency_ns: they hardly ever do.',
    source: 'kernel 6.1, kernel/sched/fair.c (wakeup_preempt_entity, place_entity); range ours',
  },
  {
    name: 'base_slice_ns',
    unit: 'ns',
    min: 100_000,
    max: 100_000_000,
    scale: 'log',
    debugfs: 'sched/base_slice_ns',
    classes: ['eevdf'],
    risk: 'medium',
    meaning:
      'Turn a task asks for; its virtual deadline lies that far ahead. Short: earlier deadlines and quick turns, ' +
      'more switches. Long: fewer switches, longer waits behind others.',
    source: 'kernel 6.12, kernel/sched (a task’s own slice set by sched_setattr is held to 0.1-100 ms)',
  },
  {
    name: 'migration_cost_ns',
    unit: 'ns',
    min: 1_000,
    max: 50_000_000,
    scale: 'log',
    debugfs: 'sched/migration_cost_ns',
    classes: BOTH,
    risk: 'low',
    meaning:
      'How long after it last ran a task counts as cache-hot and is left where it is. Low: idle CPUs pull work ' +
      'at once. High: tasks stay put, and may wait beside an idle CPU.',
    source: 'kernel 6.1, kernel/sched/fair.c (task_hot, newidle_balance); range ours',
  },
  {
    name: 'nr_migrate',
    unit: 'count',
    min: 1,
    max: 256,
    scale: 'log',
    debugfs: 'sched/nr_migrate',
    classes: BOTH,
    risk: 'low',
    meaning:
      'Most tasks one balancing pass looks at with interrupts off. Low: short passes, slow balancing. High: fast ' +
      'balancing, longer stretches without interrupts.',
    source: 'kernel 6.1, kernel/sched/fair.c (load balancing); range ours',
  },
];

/** Every knob there is: the kernels', then those that only a running machine has. */
export const ALL_KNOBS: readonly Knob[] = [...KNOBS, ...HOST_KNOBS];

/** The knobs a kernel of this class has in debugfs, in catalogue order. */
export const knobsOf = (scheduler: SchedulerClass): readonly KernelKnob[] =>
  KNOBS.filter(({ classes }) => classes.includes(scheduler));

/**
 * The knob of that name on a kernel of this class.
 * @throws TunesmithError (usage) for an unknown name (with near ones) or a knob of the other class (with what
 * takes its place).
 */
export function findKnob(name: string, scheduler: SchedulerClass): Knob {
  const knob = ALL_KNOBS.find((candidate) => candidate.name === name);
  if (knob?.classes.includes(scheduler)) return knob;
  const names = ALL_KNOBS.filter(({ classes }) => classes.includes(scheduler)).map(
    (candidate) => candidate.name,
  );
  if (!knob) throw usageError('knob', name, 'is not known', nearHint(name, names));
  const rule = `is a knob of ${knob.classes.join(', ').toUpperCase()}, and this kernel schedules with ${scheduler.toUpperCase()}`;
  const { knob: other, why } = counterpart(name, scheduler);
  throw usageError('knob', name, rule, other ? `use ${other}: ${why}` : why);
}
