import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../probes/files.js';
import { type Counts, rates, type Source, sums } from './source.js';

/** What /proc/diskstats counts in, whatever the device's own sector size. */
const SECTOR = 512;

/**
 * /proc/diskstats as counters, over the devices that `isDisk` lets through.
 * Columns: Documentation/admin-guide/iostats.rst.
 */
export function parseDiskstats(text: string, isDisk: (name: string) => boolean): Counts | null {
  const rows = text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , name = '', ...fields]) => fields.length >= 11 && isDisk(name))
    .map(([, , , ...texts]) => texts.map(Number))
    .map((fields) => ({
      reads: fields[0] as number,
      readBytes: (fields[2] as number) * SECTOR,
      writes: fields[4] as number,
      writtenBytes: (fields[6] as number) * SECTOR,
      weightedMs: fields[10] as number,
    }));
  return rows.length === 0 ? null : sums(rows);
}

/** Devices with hardware behind them: partitions, RAID and device-mapper volumes would count the same I/O again. */
export const disk: Source = {
  read: (root) =>
    parseDiskstats(readText(join(root, 'proc/diskstats')) ?? '', (name) =>
      existsSync(join(root, 'sys/block', name, 'device')),
    ),
  figures: (grown, seconds) => ({
    ...rates(grown, seconds, {
      reads: 'disk_reads_per_s',
      writes: 'disk_writes_per_s',
      readBytes: 'disk_read_bytes_per_s',
      writtenBytes: 'disk_written_bytes_per_s',
    }),
    ...rates(grown, seconds * 1000, { weightedMs: 'disk_in_flight' }),
  }),
};
