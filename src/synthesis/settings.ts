import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonical } from '../canonical.js';
import { usageError } from '../errors.js';
import { storeFile } from '../state.js';

const NAME = 'settings.json';

/**
 * Holds an --out directory to one search: a new one needs a directory without, one that goes on needs the same
 * settings as before.
 * @param settings all that decides what the search does, budgets apart
 * @throws TunesmithError (usage) naming --out or --resume, and the setting that differs
 */
export function claimOut(dir: string, settings: Readonly<Record<string, unknown>>, resume: boolean): void {
  const path = join(dir, NAME);
  if (!existsSync(path)) {
    if (resume) throw usageError('--resume', dir, 'holds no search that was begun', 'leave --resume out');
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
