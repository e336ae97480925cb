import { formatValue } from '../../units.js';
import { canonicalGenome } from './genome.js';
import type { Genome } from './table.js';

const ns = (value = 0): string => formatValue(value, 'ns');
const one = (words: readonly string[], index = 0): string => words[index] ?? '';

function orderOf(genome: Genome): string {
  const { time_base, lead_by = 0, lead_ns, burst_ns, credit_ns, patience_ns, newcomers_wait } = genome;
  const base =
    time_base === 0
      ? 'in order of arrival'
      : `in order of virtual time by weight (sleepers save up ${ns(credit_ns)}; ` +
        `new tasks start ${newcomers_wait ? 'a turn behind' : 'level'}; the last goes first every ${ns(patience_ns)})`;
  const lead = one(
    [
      '',
      ', plus a turn as the deadline',
      `, with a lead of up to ${ns(lead_ns)} for tasks that wake up often`,
      `, with a lead of up to ${ns(lead_ns)} for tasks that usually run for less than ${ns(burst_ns)}`,
      `, with a lead of up to ${ns(lead_ns)} until a task has run for ${ns(burst_ns)} since it woke`,
    ],
    lead_by,
  );
  return base + lead;
}

/** A genome in so many words that they fit a summary: what tells it from others. */
export function briefly(given: Genome): string {
  const { queue_cpus = 0, time_base, lead_by = 0, wakes, place_by = 0, keep_local } = canonicalGenome(given);
  const isLocal = queue_cpus === 1 || keep_local === 1;
  const queues =
    one(['One queue', 'Queues per CPU'], isLocal ? 1 : queue_cpus) || `Queues for ${queue_cpus} CPUs`;
  const order = time_base === 0 ? 'arrival' : 'weighted time';
  const lead = one(
    ['', 'deadlines', 'frequent wakers lead', 'short bursts lead', 'fresh wakers lead'],
    lead_by,
  );
  const waking = wakes === 2 ? 'wakers interrupt' : wakes === 3 ? 'the woken run at once' : '';
  const place = place_by === 2 || place_by === 3 ? 'woken follow wakers' : '';
  return [`${queues} by ${order}`, ...[lead, waking, place].filter((words) => words !== '')].join(', ');
}

function wakingOf({ wakes, quiet_ns, margin_ns, second_victim }: Genome): string {
  if (wakes === 0) return 'Queued tasks wake up no other CPU.';
  if (wakes === 1) return 'Queued tasks wake up an idle CPU and interrupt nobody.';
  if (wakes === 3)
    return 'Woken tasks run at once in place of the task on their CPU, eight in a row at most.';
  const whom = second_victim ? 'the later of two running tasks' : 'the task on their CPU';
  const margin = margin_ns
    ? ` when they come before it by more than ${ns(margin_ns)}`
    : ' when they come before it';
  const when = quiet_ns ? `once it has run for ${ns(quiet_ns)}` : 'at once';
  return `Woken tasks interrupt ${whom}${margin}, ${when}.`;
}

/** What a genome does, in plain English. */
export function describeGenome(given: Genome): string {
  const genome = canonicalGenome(given);
  const {
    queue_cpus = 0,
    keep_local,
    steal_margin,
    slice_by,
    slice_ns,
    place_by,
    forks_stay,
    batch = 1,
    kthreads_first,
  } = genome;
  const queues =
    queue_cpus === 0
      ? 'One queue'
      : queue_cpus === 1
        ? 'A queue for each CPU'
        : `A queue for every ${queue_cpus} CPUs`;
  const help =
    queue_cpus === 0 ? '' : ` A CPU helps a queue that is longer than its own by more than ${steal_margin}.`;
  const local = keep_local ? ' While no CPU is idle, tasks queue on the CPU they were on.' : '';
  const turn = one(
    [
      '',
      ', shorter the longer the queue',
      ', longer by weight',
      ' at most times four, as long as a task usually runs',
    ],
    slice_by,
  );
  const place = one(
    [
      'on the CPU they were on',
      'on an idle CPU',
      'on the waker’s CPU when it is about to sleep, else on an idle one',
      'right after a waker that is about to sleep, else on an idle CPU',
      'on the idler of the CPU they were on and another',
    ],
    place_by,
  );
  return [
    `${queues}, ${orderOf(genome)}.${help}${local}`,
    `Turns of ${ns(slice_ns)}${turn}.`,
    `Woken tasks go ${place}${forks_stay ? '; children stay with their parent' : ''}.`,
    wakingOf(genome),
    ...(batch > 1 ? [`Up to ${batch} tasks are taken at once from a long queue.`] : []),
    ...(kthreads_first ? ['Threads of the kernel that belong to a CPU do not queue.'] : []),
  ].join(' ');
}
