import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileSlices, inSlices, sha256OfSlices } from '../state/hash.js';
import { Once } from '../state/once.js';
import { cacheDir, ensureDir, storeMade } from '../state.js';
import type { Qemu } from './find-qemu.js';
import { baseEntries, type Image, programEntries, type Segment, storeImage } from './image.js';
import type { LabKernel } from './kernels/resolve.js';
import { type Postgres, postgresEntries } from './postgres.js';
import { Session } from './session.js';
import { machineShape } from './shape.js';
import { bootFile } from './vmlinux.js';

const WALL_LIMIT_MS = 600_000;

/** Hex digits of the hash before a stored segment. */
const HEAD = 64;

/** Whether a stored segment is there and sound: its first 64 hex digits are the hash of the rest. */
async function isStored(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0).finally(() => file.close());
  if ((await sha256OfSlices(fileSlices(path, HEAD))) === buffer.toString('latin1')) return true;
  process.stderr.write(`database ${path}: its checksum is wrong; it is made again\n`);
  return false;
}

async function* stored(sha256: string, body: Buffer): AsyncGenerator<Buffer> {
  yield Buffer.from(sha256);
  yield* inSlices(body);
}

/** Databases being made: who asks for the same meanwhile waits for the first. */
const making = new Once<Segment>();

/**
 * pgbench's database as an archive segment. initdb writes random ids and times, so made on the host it would differ
 * each time; made in a one-CPU exact guest it has the same bytes on every machine. Made once and cached.
 */
export async function pgbenchDatabase(pg: Postgres, scale: number, parts: Parts): Promise<Segment> {
  const image = await storeImage([
    ...baseEntries(parts.agentPath),
    ...(await programEntries(['/bin/sh'], ['dash'])),
    ...(await postgresEntries(pg, ['postgres', 'initdb', 'pgbench'])),
  ]);
  const home = ensureDir(cacheDir(), 'databases');
  const identity = JSON.stringify([image.sha256, parts.kernel.sha256, parts.qemu.version, scale]);
  const path = join(home, `${createHash('sha256').update(identity).digest('hex').slice(0, 32)}.cpio`);
  return making.do(path, async () => {
    if (!(await isStored(path))) await bake(path, image, scale, parts);
    return { source: path, start: HEAD };
  });
}

interface Parts {
  readonly kernel: LabKernel;
  readonly qemu: Qemu;
  readonly agentPath: string;
}

async function bake(path: string, image: Image, scale: number, { kernel, qemu }: Parts): Promise<void> {
  process.stderr.write(`making pgbench’s database (scale ${scale}) in a lab guest, once\n`);
  const session = await Session.boot({
    qemu: qemu.path,
    shape: { ...machineShape({ cpus: 1, memoryMib: 768 }), mailboxMib: 256 },
    kernel: await bootFile(kernel.vmlinuz),
    image: image.path,
    incoming: null,
    bootRequest: { workload: 'pgbench-bake', params: { scale } },
    wallLimitMs: WALL_LIMIT_MS,
  });
  try {
    await session.step({ op: 'export', paths: ['/pgdata'] });
    const body = await session.machine.mailbox.readBulk();
    const padded = Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
    const sha256 = await sha256OfSlices(inSlices(padded));
    await storeMade(dirname(path), basename(path), async (part) => {
      await writeFile(part, stored(sha256, padded));
      return basename(path);
    });
  } finally {
    await session.close();
  }
}
