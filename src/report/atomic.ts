import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TunesmithError } from '../errors.js';
import { isAlive } from '../state.js';

/** `.NAME.PID-RANDOM.tmp`: the process that writes it can be found, and a name cannot be guessed in advance. */
const TEMPORARY = /^\..+\.(\d+)-[0-9a-f]{8}\.tmp$/;

/**
 * Writes files (name → text) into a directory: all of them first under temporary names there, flushed, then
 * renamed, so a reader sees each file whole or not at all. Synchronous, so that no signal handler of ours runs
 * in between.
 * @throws TunesmithError (incapable) with path and reason; no temporary file is left.
 */
export function writeFilesAtomically(dir: string, files: Readonly<Record<string, string>>): void {
  const staged = Object.entries(files).map(([name, text]) => {
    const mark = `${process.pid}-${randomBytes(4).toString('hex')}`;
    return { text, final: join(dir, name), temporary: join(dir, `.${name}.${mark}.tmp`) };
  });
  try {
    for (const { temporary, text } of staged) writeFileSync(temporary, text, { flag: 'wx', flush: true });
    for (const { temporary, final } of staged) renameSync(temporary, final);
  } catch (error) {
    for (const { temporary } of staged) remove(temporary);
    throw new TunesmithError('incapable', `cannot write the report into ${dir}: ${messageOf(error)}`, {
      hint: 'make room or give write permission there, or choose another directory with --out',
      cause: error,
    });
  }
}

/** Removes what a writer that was killed left behind; temporary files of a living process are not touched. */
export function removeLeftovers(dir: string): void {
  for (const name of readdirSync(dir)) {
    const pid = TEMPORARY.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) remove(join(dir, name));
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The reason that brought us here is the one to report.
  }
}
