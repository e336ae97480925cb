import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/**
 * Before each test file: a state directory of its own, which child processes inherit. Without it journals, the ledger and
 * what models cost would go into the state of this machine, and what is there into the test.
 */
const home = mkdtempSync(join(tmpdir(), 'tunesmith-state-'));
process.env.XDG_STATE_HOME = home;
afterAll(() => rmSync(home, { recursive: true, force: true }));
