import { join } from 'node:path';
import { readText } from '../probes/files.js';
import { type Counts, rates, type Source, sums } from './source.js';

/** /proc/net/dev as counters, over all interfaces but the loopback: bytes, packets, drops. */
export function parseNetDev(text: string): Counts | null {
  const rows = [...text.matchAll(/^\s*(\S+):\s*(.*)$/gm)]
    .filter((match) => match[1] !== 'lo')
    .map((match) => (match[2] as string).trim().split(/\s+/).map(Number))
    .filter((fields) => fields.length >= 12)
    .map((fields) => ({
      inBytes: fields[0] as number,
      inPackets: fields[1] as number,
      outBytes: fields[8] as number,
      outPackets: fields[9] as number,
      dropped: (fields[3] as number) + (fields[11] as number),
    }));
  return rows.length === 0 ? null : sums(rows);
}

export const net: Source = {
  read: (root) => parseNetDev(readText(join(root, 'proc/net/dev')) ?? ''),
  figures: (grown, seconds) =>
    rates(grown, seconds, {
      inBytes: 'net_in_bytes_per_s',
      outBytes: 'net_out_bytes_per_s',
      inPackets: 'net_in_packets_per_s',
      outPackets: 'net_out_packets_per_s',
      dropped: 'net_dropped_per_s',
    }),
};
