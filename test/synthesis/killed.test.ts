import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, expect, it } from 'vitest';

const SCRIPT = new URL('search-process.mjs', import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), 'tunesmith-killed-'));
afterAll(() => rmSync(dir, { recursive: true }));

const searching = (journal: string) =>
  execa('nice', ['-n', '5', process.execPath, SCRIPT, journal], { reject: false, stdin: 'ignore' });

function scoresIn(journal: string): number {
  try {
    return readFileSync(journal, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{"level":')).length;
  } catch {
    return 0; // not begun yet
  }
}

it('a search that is killed in the lab and gone on with ends as one that was not', async () => {
  const [whole, torn] = [join(dir, 'whole.jsonl'), join(dir, 'torn.jsonl')];
  const run = searching(torn);
  while (scoresIn(torn) < 2 && run.exitCode === null) await setTimeout(5);
  run.kill('SIGKILL');
  expect(await run).toMatchObject({ signal: 'SIGKILL', stdout: '' });
  const kept = scoresIn(torn);
  expect(kept).toBeLessThan(6);
  const before = readFileSync(torn, 'utf8');
  const resumed = JSON.parse((await searching(torn)).stdout);
  const uninterrupted = JSON.parse((await searching(whole)).stdout);
  expect(resumed).toEqual(uninterrupted);
  expect(resumed.finalists[0].score.value).toBeGreaterThan(0);
  // What was measured before the kill was not measured again.
  expect(readFileSync(torn, 'utf8').startsWith(before.slice(0, before.lastIndexOf('\n') + 1))).toBe(true);
  expect(scoresIn(torn)).toBe(scoresIn(whole));
});
