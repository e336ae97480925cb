import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { messageOf, TunesmithError, usageError } from '../errors.js';

/** Where a key may be found: a file first, for it was named on purpose. */
export interface KeyPlace {
  readonly file?: string | undefined;
  readonly variables: readonly string[];
}

/**
 * An API key, or null when there is none.
 * @throws TunesmithError (usage) for a key file that others may read or write, or that cannot be read
 */
export function findKey({ file, variables }: KeyPlace): string | null {
  if (file !== undefined) return keyIn(file);
  const found = variables.map((name) => process.env[name]?.trim()).find(Boolean);
  return found ?? null;
}

function keyIn(path: string): string {
  const text = readPrivate(path);
  const key = text.trim();
  if (key === '' || /\s/.test(key))
    throw usageError('keyFile', path, 'does not hold one key and nothing else');
  return key;
}

function readPrivate(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new TunesmithError('usage', `keyFile: ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  try {
    const { mode, uid } = fstatSync(file);
    if ((mode & 0o077) !== 0)
      throw usageError(
        'keyFile',
        path,
        `has mode ${(mode & 0o777).toString(8)}: others may have read the key`,
        `chmod 600 ${path}, and think of a new key`,
      );
    const us = process.geteuid?.();
    if (uid !== us && uid !== 0) throw usageError('keyFile', path, 'belongs to somebody else');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** The error for a provider without a key. */
export const keyMissing = (provider: string, variable: string): TunesmithError =>
  new TunesmithError('incapable', `${provider}: no key: ${variable} is not set`, {
    hint: `export ${variable}=…, or name a file of mode 0600 as keyFile in the model's configuration; \`--tuner expert\` needs no key, nor does \`--proposer genes\``,
  });
