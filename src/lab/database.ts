import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheDir, ensureDir, storeFile } from '../state.js';
import type { Qemu } from './find-qemu.js';
import { baseEntries, programEntries, storeImage } from './image.js';
import type { LabKernel } from './kernels/resolve.js';
import { type Postgres, postgresEntries } from './postgres.js';
import { Session } from './session.js';
import { machineShape } from './shape.js';
import { bootFile } from './vmlinux.js';

const WALL_LIMIT_MS = 600_000;

/** A stored segment whose first 64 hex digits are the hash of the rest; null when it is not that. */
function stored(path: string): Buffer | null {
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  const body = bytes.subarray(64);
  if (createHash('sha256').update(body).digest('hex') === bytes.toString('latin1', 0, 64)) return body;
  process.stderr.write(`database ${path}: its checksum is wrong; it is made again\n`);
  return null;
}

/**
 * pgbench's database as an archive segment. initdb writes random ids and times, so made on the host it would differ
 * each time; made in a one-CPU exact guest it has the same bytes on every machine. Made once and cached.
 */
export async function pgbenchDatabase(
  pg: Postgres,
  scale: number,
  parts: { readonly kernel: LabKernel; readonly qemu: Qemu; readonly agentPath: string },
): Promise<Buffer> {
  const image = storeImage([
    ...baseEntries(parts.agentPath),
    ...(await programEntries(['/bin/sh'], ['dash'])),
    ...(await postgresEntries(pg, ['postgres', 'initdb', 'pgbench'])),
  ]);
  const home = ensureDir(cacheDir(), 'databases');
  const identity = JSON.stringify([image.sha256, parts.kernel.sha256, parts.qemu.version, scale]);
  const path = join(home, `${createHash('sha256').update(identity).digest('hex').slice(0, 32)}.cpio`);
  const known = stored(path);
  if (known) return known;
  process.stderr.write(`making pgbench’s database (scale ${scale}) in a lab guest, once\n`);
  const session = await Session.boot({
    qemu: parts.qemu.path,
    shape: { ...machineShape({ cpus: 1, memoryMib: 768 }), mailboxMib: 256 },
    kernel: bootFile(parts.kernel.vmlinuz),
    image: image.path,
    incoming: null,
    bootRequest: { workload: 'pgbench-bake', params: { scale } },
    wallLimitMs: WALL_LIMIT_MS,
  });
  try {
    await session.step({ op: 'export', paths: ['/pgdata'] });
    const body = Buffer.from(session.machine.mailbox.readExport());
    const padded = Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
    const checksum = Buffer.from(createHash('sha256').update(padded).digest('hex'));
    storeFile(home, basename(path), Buffer.concat([checksum, padded]));
    return padded;
  } finally {
    await session.close();
  }
}
