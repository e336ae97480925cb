/** How a run ends and what it says of it, where it did not go as planned. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { modelLines } from '../../src/cli/describe-models.js';
import { MachineFailed } from '../../src/errors.js';
import { findKnob } from '../../src/knobs/catalogue.js';
import { tune } from '../../src/loop/tune.js';
import type { Progress, TuneOptions } from '../../src/loop/types.js';
import { fixed } from '../../src/tuners/fixed.js';
import { scripted } from './scripted.js';
import { better, type Response, SyntheticTarget, workload } from './synthetic.js';

const knobs = [findKnob('latency_ns', 'cfs'), findKnob('min_granularity_ns', 'cfs')];
const floor = (ms: number) => ({ min_granularity_ns: ms * 1e6 });
const run = (more: Partial<TuneOptions>, response: Response = better) => {
  const target = new SyntheticTarget(response);
  return tune({ target, workload, knobs, tuner: fixed, cycles: 6, seed: 1, ...more }).then((outcome) => ({
    ...outcome,
    target,
  }));
};

it('a run that only measured the default again says so, and counts no setting', async () => {
  const own = { latency_ns: 12e6, min_granularity_ns: 1.5e6 };
  const { cycles, verdict } = await run({ tuner: scripted(own, own, own) });
  expect(cycles).toHaveLength(4);
  expect(verdict).toMatchObject({
    tried: 0,
    text: 'keep the default (txn p99 75 ms): no other setting was tried',
  });
});

it('settings are counted, not windows', async () => {
  const { verdict } = await run({ tuner: scripted(floor(2), floor(2), floor(3), floor(2)) });
  expect(verdict).toMatchObject({
    tried: 2,
    text: expect.stringContaining('none of the 2 settings tried beat it'),
  });
});

it('a machine that fails ends the run with what was found, and is no verdict on the setting it was at', async () => {
  const response: Response = (values, rigour, window) => {
    if (window === 3) throw new MachineFailed('the lab guest hung: the step to end took too long');
    return better(values, rigour, window);
  };
  const shown: string[] = [];
  const tuner = scripted(floor(1), floor(0.5), floor(0.2), floor(0.9));
  const { cycles, best, verdict, interrupted, target } = await run(
    {
      tuner: {
        ...tuner,
        propose: (history, context) => {
          shown.push(JSON.stringify(history));
          return tuner.propose(history, context);
        },
      },
    },
    response,
  );
  expect(cycles).toHaveLength(3);
  expect(best.values.min_granularity_ns).toBe(0.5e6);
  expect([interrupted, verdict.interrupted, verdict.accepted]).toEqual([true, true, false]);
  expect(verdict.text).toMatch(
    /^ended early, for this machine failed \(the lab guest hung.*\), the defaults are back; txn p99 75 → 65 ms/,
  );
  expect(target.inForce).toEqual(target.own);
  // Nobody was told of a window that the lab lost.
  expect(shown.join()).not.toContain('hung');
});

it('a machine that fails before anything was tried is an error', async () => {
  const response: Response = () => {
    throw new MachineFailed('the lab guest hung');
  };
  await expect(run({}, response)).rejects.toThrow('the lab guest hung');
});

it('how long a run takes is not said before a model was asked, then goes by the last cycles', async () => {
  const seen: Progress[] = [];
  const slow = scripted(floor(1), floor(0.9), floor(0.8));
  const asking = {
    ...slow,
    accounts: () => [],
    propose: async (...asked: Parameters<typeof slow.propose>) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return slow.propose(...asked);
    },
  };
  await run({ tuner: asking, cycles: 4, onCycle: (progress) => seen.push(progress) });
  expect(seen[0]?.secondsLeft).toBeNull();
  // Two more cycles, each with a thought of 0.3 s or longer on a busy machine.
  expect(seen[1]?.secondsLeft).toBeGreaterThanOrEqual(0.55);
  expect(seen.at(-1)?.secondsLeft).toBe(0);
});

it('no price is not a price of nobody knows when', () => {
  const base = { model: 'openai:x', calls: 0, failures: 3, inputTokens: 0, outputTokens: 0, latenciesMs: [] };
  for (const usd of [0, null]) {
    const [line] = modelLines({ models: [{ ...base, usd, priceSince: null }] } as never);
    expect(line).toContain('price unknown');
    expect(line).not.toContain('null');
  }
});

it('at the command line a run in which no setting was tried does not end with 0', {
  timeout: 1_800_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tunesmith-trace-'));
  try {
    const trace = join(dir, 'trace.csv');
    writeFileSync(trace, 'cycle,base_slice_ns\n1,1400000\n2,1400000\n');
    const words = [
      'dist/cli/main.js',
      'tune',
      '--kernel',
      'eevdf',
      '--workload',
      'wakeup',
      '--window',
      '300ms',
    ];
    const { exitCode, stdout } = await execa(
      process.execPath,
      [...words, '--cycles', '3', '--tuner', 'human', '--trace', trace, '--no-referee'],
      { reject: false },
    );
    expect(stdout).toContain('no other setting was tried');
    expect(exitCode).toBe(1);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
