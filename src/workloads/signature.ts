import type { Metric } from './types.js';

const share = (meaning: string): Metric => ({ unit: 'share', direction: 'none', meaning });
const rate = (meaning: string): Metric => ({ unit: 'per_s', direction: 'none', meaning });
const stalled = (meaning: string): Metric => ({ unit: 'share', direction: 'lower', meaning });

/** The system counters that say what a machine is doing, as rates and shares; the host has them, whatever the load. */
export const SIGNATURE_METRICS: Readonly<Record<string, Metric>> = {
  user_share: share('part of the CPUs’ time in user programs, niced ones included'),
  system_share: share('part of the CPUs’ time in the kernel'),
  interrupt_share: share('part of the CPUs’ time in interrupts, soft ones included'),
  steal_share: share('part of the CPUs’ time the hypervisor gave to others'),
  iowait_share: share('part of the CPUs’ time idle while a task waited for a disk'),
  idle_share: share('part of the CPUs’ time nobody used'),
  switches_per_s: rate('context switches of the whole machine'),
  interrupts_per_s: rate('interrupts served'),
  forks_per_s: rate('processes and threads made'),
  runq_waiting: {
    unit: 'count',
    direction: 'lower',
    meaning: 'tasks waiting on a run queue, mean over time',
  },
  wakeups_per_s: rate('tasks woken up'),
  page_faults_per_s: rate('page faults'),
  major_faults_per_s: rate('page faults that had to read'),
  swapped_in_per_s: rate('pages read from swap'),
  swapped_out_per_s: rate('pages written to swap'),
  reclaimed_per_s: rate('pages taken back from their users'),
  numa_migrated_per_s: rate('pages moved to another NUMA node'),
  cpu_some_share: stalled('part of the time in which a task waited for a CPU (PSI)'),
  memory_some_share: stalled('part of the time in which a task waited for memory (PSI)'),
  memory_full_share: stalled('part of the time in which all tasks waited for memory (PSI)'),
  io_some_share: stalled('part of the time in which a task waited for I/O (PSI)'),
  io_full_share: stalled('part of the time in which all tasks waited for I/O (PSI)'),
  net_in_bytes_per_s: rate('bytes received, all interfaces but the loopback'),
  net_out_bytes_per_s: rate('bytes sent'),
  net_in_packets_per_s: rate('packets received'),
  net_out_packets_per_s: rate('packets sent'),
  net_dropped_per_s: rate('packets dropped, received or to be sent'),
  disk_reads_per_s: rate('reads that reached a disk'),
  disk_writes_per_s: rate('writes that reached a disk'),
  disk_read_bytes_per_s: rate('bytes read from disks'),
  disk_written_bytes_per_s: rate('bytes written to disks'),
  disk_in_flight: { unit: 'count', direction: 'none', meaning: 'requests at the disks, mean over time' },
};
