import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { MAIN } from './cli.js';

const state = mkdtempSync(join(tmpdir(), 'tunesmith-cli-models-'));
afterAll(() => rmSync(state, { recursive: true }));

const bare = (...args: string[]) =>
  execa(
    process.execPath,
    [MAIN, 'tune', '--workload', 'idle', '--objective', 'runq_latency_p99_ns', ...args],
    {
      env: { PATH: process.env.PATH, HOME: state, XDG_STATE_HOME: state },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    },
  );

describe('tune with a model', () => {
  it.each(['llm', 'speculative'])(
    '%s without a key names the variable, and the way without',
    async (tuner) => {
      const { exitCode, stderr } = await bare('--tuner', tuner);
      expect(exitCode).toBe(3);
      expect(stderr).toContain('gemini:gemini-3.8-flash: no key: GEMINI_API_KEY is not set');
      expect(stderr).toContain('`--tuner expert` needs no key');
    },
  );

  it.each([
    [['--tuner', 'llm', '--model', 'gemni:x'], 'did you mean gemini'],
    [['--tuner', 'llm', '--model', 'command:true', '--budget', 'cals=3'], 'did you mean calls'],
    [['--tuner', 'llm', '--model', 'command:true', '--history', 'all'], '--history'],
    [['--tuner', 'llm', '--model', 'command:true', '--budget', 'usd=1'], 'no price of command:true is known'],
    [['--model', 'command:true'], '--model: "command:true" goes with --tuner llm or speculative'],
  ])('%j is refused before anything runs', async (args, why) => {
    const { exitCode, stderr } = await bare(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(why);
  });
});
