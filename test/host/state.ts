import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Gives the test file, and what it starts, a state directory of its own until it is over: its journal of changes. */
export function scratchState(): string {
  const home = mkdtempSync(join(tmpdir(), 'tunesmith-state-'));
  process.env.XDG_STATE_HOME = home;
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  return home;
}
