import { z } from 'zod';
import { TunesmithError } from '../errors.js';

/** What a guest has counted since its boot. */
export interface InterruptCount {
  /** Its own time, s. */
  readonly at: number;
  /** Interrupts that one CPU sent another: to look for another task, or to call a function. */
  readonly ipis: number;
}

/** Asks a guest for its counters. Between windows, so that no window has the asking in it. */
export const COUNT_INTERRUPTS = { op: 'export', paths: ['/proc/uptime', '/proc/interrupts'] } as const;

/** The least mailbox whose bulk area holds the answer, MiB. */
export const COUNTING_MAILBOX_MIB = 16;

const reply = z.object({ exported: z.string() });

/** A row of /proc/interrupts over all CPUs. */
function row(text: string, name: string): number {
  const counts = text.match(new RegExp(`^ *${name}:((?: +\\d+)+)`, 'm'))?.[1];
  if (counts === undefined)
    throw new TunesmithError('guest', `the guest’s /proc/interrupts has no row ${name}`);
  return counts
    .trim()
    .split(/ +/)
    .reduce((all, count) => all + Number(count), 0);
}

/** What `COUNT_INTERRUPTS` came to: an archive of text files. @throws TunesmithError (guest) for anything else */
export function interruptCount(answer: unknown): InterruptCount {
  const { exported } = reply.parse(answer);
  const at = exported.match(/proc\/uptime\0+(\d+\.\d+) /)?.[1];
  if (at === undefined) throw new TunesmithError('guest', 'the guest’s /proc/uptime is no number');
  return { at: Number(at), ipis: row(exported, 'RES') + row(exported, 'CAL') };
}

/** Per second of the guest's time, between two counts. */
export const ipisPerS = (from: InterruptCount, to: InterruptCount): number =>
  (to.ipis - from.ipis) / (to.at - from.at);
