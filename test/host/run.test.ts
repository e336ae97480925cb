import { expect, test } from 'vitest';
import { run } from '../../src/host/run.js';

test('a program that is not there, fails, or hangs is a result and not an exception', async () => {
  expect(await run('/nowhere/program', [])).toMatchObject({ found: false, code: null });
  expect(await run('sh', ['-c', 'echo out; echo err >&2; exit 7'])).toEqual({
    ...{ found: true, code: 7, timedOut: false },
    ...{ stdout: 'out', stderr: 'err' },
  });
  const begun = Date.now();
  expect(await run('sleep', ['1000'], { timeoutMs: 100 })).toMatchObject({
    found: true,
    code: null,
    timedOut: true,
  });
  expect(Date.now() - begun).toBeLessThan(600_000);
});

test('a flood of output ends the program', async () => {
  const done = await run('yes', []);
  expect(done.stdout.length).toBeLessThanOrEqual(1_000_000);
});
