import { join } from 'node:path';
import { readText } from '../probes/files.js';
import { type Counts, known, rates, type Source } from './source.js';

/** Columns of the `cpu` line, ticks: proc_stat(5). Guest time is already in user and nice. */
const COLUMNS = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;

/** /proc/stat as counters: the CPUs' time by kind, switches, interrupts, forks. */
export function parseStat(text: string): Counts | null {
  const line = (name: string): number[] | undefined =>
    new RegExp(`^${name} +(.*)$`, 'm').exec(text)?.[1]?.split(' ').map(Number);
  const cpu = line('cpu');
  if (!cpu || cpu.length < COLUMNS.length) return null;
  const first = (name: string) => line(name)?.[0];
  return {
    ...Object.fromEntries(COLUMNS.map((column, i) => [column, cpu[i] as number])),
    ...known({ switches: first('ctxt'), interrupts: first('intr'), forks: first('processes') }),
  };
}

/** Shares are of the ticks counted, not of the window: CPUs may come and go, and an idle CPU's ticks come late. */
export const stat: Source = {
  read: (root) => parseStat(readText(join(root, 'proc/stat')) ?? ''),
  figures(grown, seconds) {
    const total = COLUMNS.reduce((sum, column) => sum + (grown[column] ?? 0), 0);
    const share = (...columns: (typeof COLUMNS)[number][]): number | undefined => {
      if (total === 0 || columns.some((column) => grown[column] === undefined)) return undefined;
      return columns.reduce((sum, column) => sum + (grown[column] as number), 0) / total;
    };
    return {
      ...known({
        user_share: share('user', 'nice'),
        system_share: share('system'),
        interrupt_share: share('irq', 'softirq'),
        steal_share: share('steal'),
        iowait_share: share('iowait'),
        idle_share: share('idle', 'iowait'),
      }),
      ...rates(grown, seconds, {
        switches: 'switches_per_s',
        interrupts: 'interrupts_per_s',
        forks: 'forks_per_s',
      }),
    };
  },
};
