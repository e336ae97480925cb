import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonical } from '../canonical.js';
import { usageError } from '../errors.js';
import { storeFile } from '../state.js';

const NAME = 'settings.json';
/** The search's own journal in an --out directory. */
export const JOURNAL = 'search.jsonl';

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
  const before = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const other = [...new Set([...Object.keys(before), ...Object.keys(settings)])].find(
    (name) => canonical(before[name] ?? null) !== canonical(settings[name] ?? null),
  );
  if (other !== undefined)
    throw usageError(
      '--resume',
      settings[other] ?? null,
      `is another ${other} than the search began with: ${JSON.stringify(before[other] ?? null)}`,
      'give the same options as before; budgets may differ',
    );
}
