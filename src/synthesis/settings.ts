import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { canonical } from '../canonical.js';
import { usageError } from '../errors.js';
import { storeFile } from '../state.js';

const NAME = 'settings.json';
/** The flags of the command, so that `--resume DIR` needs no other. */
const ASKED = 'asked.json';
/** Wall time by phase, over all processes. */
export const TIMES = 'times.json';
/** The search's own journal in an --out directory. */
export const JOURNAL = 'search.jsonl';

/**
 * Where a search goes that names no --out: `out/WORKLOAD`, or `out/WORKLOAD-2` and so on where that is taken. One that
 * goes on is looked for there, the last with the same settings; none: the first name, which claimOut then refuses.
 * @param settings as for claimOut
 */
export function freeOut(
  workload: string,
  settings: Readonly<Record<string, unknown>>,
  resume: boolean,
): string {
  const name = (nth: number): string => join('out', nth === 1 ? workload : `${workload}-${nth}`);
  const taken: string[] = [];
  while (isTaken(name(taken.length + 1))) taken.push(name(taken.length + 1));
  if (!resume) return name(taken.length + 1);
  const begun = taken.filter((dir) => existsSync(join(dir, NAME)));
  return begun.findLast((dir) => otherSetting(dir, settings) === undefined) ?? begun.at(-1) ?? name(1);
}

/** Settings alone are of a search that ended before it had anything to keep. */
const isTaken = (dir: string): boolean =>
  existsSync(dir) &&
  (!statSync(dir).isDirectory() || readdirSync(dir).some((file) => file !== NAME && file !== ASKED));

/** The first setting that differs from those a search in a directory began with. */
function otherSetting(
  dir: string,
  settings: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly before: unknown } | undefined {
  const before = JSON.parse(readFileSync(join(dir, NAME), 'utf8')) as Record<string, unknown>;
  const name = [...new Set([...Object.keys(before), ...Object.keys(settings)])].find(
    (one) => canonical(before[one] ?? null) !== canonical(settings[one] ?? null),
  );
  return name === undefined ? undefined : { name, before: before[name] ?? null };
}

/**
 * Holds an --out directory to one search: a new one needs a directory without, one that goes on needs the same
 * settings as before.
 * @param settings all that decides what the search does, budgets apart
 * @throws TunesmithError (usage) naming --out or --resume, and the setting that differs
 */
export function claimOut(dir: string, settings: Readonly<Record<string, unknown>>, resume: boolean): void {
  const path = join(dir, NAME);
  const isClaimed = existsSync(path);
  if (resume && !isClaimed)
    throw usageError('--resume', dir, 'holds no search that was begun', 'leave --resume out');
  // One that ended before it had anything to keep, for want of a key perhaps, leaves nothing to go on with.
  if (!isClaimed || (!resume && !existsSync(join(dir, JOURNAL)))) {
    storeFile(dir, NAME, Buffer.from(`${JSON.stringify(settings, null, 2)}\n`));
    return;
  }
  if (!resume)
    throw usageError('--out', dir, 'holds a search', 'go on with it by --resume, or name another directory');
  const other = otherSetting(dir, settings);
  if (other !== undefined)
    throw usageError(
      '--resume',
      settings[other.name] ?? null,
      `is another ${other.name} than the search began with: ${JSON.stringify(other.before)}`,
      'give the same options as before; budgets may differ',
    );
}

const askedSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
export type KeptFlags = z.infer<typeof askedSchema>;

/** Keeps what a search was asked for, for whoever goes on with it. */
export const keepFlags = (dir: string, flags: KeptFlags): void =>
  void storeFile(dir, ASKED, Buffer.from(`${JSON.stringify(flags, null, 2)}\n`));

/**
 * What the search in a directory was asked for.
 * @throws TunesmithError (usage) naming --resume
 */
export function keptFlags(dir: string): KeptFlags {
  const path = join(dir, ASKED);
  if (!existsSync(path))
    throw usageError(
      '--resume',
      dir,
      'holds no search that was begun',
      'name the directory of one (its --out), or leave --resume out',
    );
  try {
    return askedSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw usageError('--resume', path, 'is damaged', 'give --out and the options of the first command again');
  }
}
