import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { MachineFailed, messageOf, TunesmithError } from '../errors.js';
import { sha256Of } from '../state/hash.js';
import { Once } from '../state/once.js';
import { cacheDir, ensureDir, partDir, sweepParts } from '../state.js';
import { takeBack } from './confined-qemu.js';
import type { MachineOptions } from './machine.js';
import { Session } from './session.js';

/** How much disk snapshots may take before the least recently used go, bytes. */
const BUDGET = 6 * 1024 ** 3;

const metaSchema = z.object({ bytes: z.int().positive(), sha256: z.string().length(64) });

const dirOf = (base: string): string => join(ensureDir(cacheDir(), 'snapshots'), base);

const verified = new Set<string>();

/** Why a stored snapshot cannot be used, or null. The whole file is hashed once per process. */
async function fault(dir: string): Promise<string | null> {
  const path = join(dir, 'state');
  try {
    const meta = metaSchema.parse(JSON.parse(readFileSync(join(dir, 'snapshot.json'), 'utf8')));
    if (statSync(path).size !== meta.bytes)
      return `it has ${statSync(path).size} bytes instead of ${meta.bytes}`;
    if (!verified.has(dir) && (await sha256Of(path)) !== meta.sha256) return 'its checksum is wrong';
  } catch {
    return 'its description cannot be read';
  }
  verified.add(dir);
  return null;
}

/** Who has just asked for a snapshot may be about to open it, in another process too, ms. */
const FRESH_MS = 600_000;

/** Removes the least recently used snapshots over the budget, never `keep` nor one that was asked for of late. */
function prune(keep: string): void {
  const root = join(cacheDir(), 'snapshots');
  const all = readdirSync(root)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => {
      const stat = statSync(join(root, name, 'state'), { throwIfNoEntry: false });
      return stat ? [{ dir: join(root, name), stat }] : [];
    })
    .sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs);
  let total = 0;
  for (const { dir, stat } of all) {
    total += stat.size;
    const isFresh = Date.now() - stat.mtimeMs < FRESH_MS;
    if (total > BUDGET && dir !== keep && !isFresh) rmSync(dir, { recursive: true, force: true });
  }
}

/** Boots a guest to its snapshot point and stores it; a half-written snapshot never gets its final name. */
async function make(dir: string, machine: MachineOptions): Promise<void> {
  const part = partDir(dirname(dir));
  try {
    const path = join(part, 'state');
    const session = await Session.bootToSnapshot({ ...machine, snapshot: path });
    try {
      await session.save();
      takeBack(path);
    } catch (cause) {
      throw new TunesmithError('incapable', `the snapshot cannot be stored: ${messageOf(cause)}`, {
        hint: 'make room there, or set XDG_CACHE_HOME to another place',
        cause,
      });
    } finally {
      await session.close();
    }
    const meta = { bytes: statSync(path).size, sha256: await sha256Of(path) };
    writeFileSync(join(part, 'snapshot.json'), JSON.stringify(meta));
    rmSync(dir, { recursive: true, force: true });
    renameSync(part, dir);
    verified.add(dir);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  prune(dir);
}

/** Checks and makings under way: who asks for the same snapshot meanwhile waits for the first. */
const making = new Once<void>();

async function ensureSound(base: string, machine: MachineOptions): Promise<void> {
  const dir = dirOf(base);
  sweepParts(dirname(dir));
  if (existsSync(dir)) {
    const trouble = await fault(dir);
    if (trouble === null) return;
    process.stderr.write(`snapshot ${base}: ${trouble}; it is made again\n`);
  }
  await make(dir, machine);
}

/** Path of a sound snapshot for `base`, made or made again when there is none (said on stderr when it was off). */
export async function snapshot(base: string, machine: MachineOptions): Promise<string> {
  await making.do(base, () => ensureSound(base, machine));
  const path = join(dirOf(base), 'state');
  try {
    utimesSync(path, new Date(), new Date());
    return path;
  } catch (cause) {
    // Another process found its guest off meanwhile and dropped it.
    throw new MachineFailed(`snapshot ${base} is gone: ${messageOf(cause)}`, { cause });
  }
}

/** Forgets a snapshot whose guest did not behave as known. */
export function dropSnapshot(base: string): void {
  verified.delete(dirOf(base));
  rmSync(dirOf(base), { recursive: true, force: true });
}
