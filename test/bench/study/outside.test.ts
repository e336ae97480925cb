import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../../src/bench/study/figures.js';
import { outsiders } from '../../../src/bench/study/outside.js';
import { besidePaper } from '../../../src/bench/study/paper.js';
import type { StudyOptions } from '../../../src/bench/study/profile.js';
import { runStudy, type StudyResult } from '../../../src/bench/study/run.js';
import { steppedRows } from '../../../src/bench/study/stepped-figures.js';
import { runStepped } from '../../../src/bench/study/stepped-run.js';
import { steppedText } from '../../../src/bench/study/stepped-tables.js';
import { studyText } from '../../../src/bench/study/tables.js';
import { type Minded, minded, reply } from '../../tuners/llm/minded.js';
import { caseOf, entrants, knobs, phase, stepped } from './formula.js';

const home = mkdtempSync(join(tmpdir(), 'tunesmith-study-'));
const file = (name: string, text = ''): string => {
  const path = join(home, name);
  if (text !== '') writeFileSync(path, text);
  return path;
};
const open: Minded[] = [];
beforeAll(() => {
  process.env.XDG_STATE_HOME = home;
  process.env.TEST_MODEL_KEY = 'a key';
});
afterEach(() => Promise.all(open.splice(0).map(({ server }) => server.close())));
afterAll(() => rmSync(home, { recursive: true }));

/** A model behind a server of ours that goes through a few settings, on a tape; its price is the list's. */
async function taped(name: string) {
  const at = await minded((_, nth) => reply([12e6, 6e6, 2e6, 4e6][nth % 4], [1.5e6, 1e6, 2e5][nth % 3]));
  open.push(at);
  const tape = file(`${name}.tape`);
  const model = file(
    `${name}.json`,
    JSON.stringify({
      ...{
        provider: 'gemini',
        model: 'gemini-2.5-flash',
        baseUrl: at.server.url,
        keyVariable: 'TEST_MODEL_KEY',
      },
      ...{ attempts: 1, maxOutputTokens: 1000, tape: { file: tape } },
    }),
  );
  return { model, tape, calls: () => at.server.seen.length };
}

const study = (options: Pick<StudyOptions, 'models' | 'trace'>, names: string[] = []): Promise<StudyResult> =>
  runStudy(caseOf('2P'), [...entrants(...names), ...outsiders(options, 1, [knobs])(knobs)], [1, 2]);

describe('rows of a model', () => {
  it('run when one is named, with what it cost, and again from its tape without a call', async () => {
    const { model, tape, calls } = await taped('study');
    const first = await study({ models: { model } });
    const asked = calls();
    expect(rowsOf(first).map(({ tuner }) => tuner)).toEqual(['llm', 'speculative']);
    const spent = first.runs.flatMap(({ models = [] }) => models);
    // One account a run, though all share the model: together they are what the server saw.
    expect(spent).toHaveLength(4);
    expect(spent.reduce((sum, { calls: own }) => sum + own, 0)).toBe(asked);
    expect(spent.every(({ calls: own }) => own > 3)).toBe(true);

    const text = studyText([first]);
    expect(text).toMatch(/\| llm +\| [\d.]+ ms/);
    expect(text).not.toContain('no model configured');
    expect(besidePaper([first])).toMatch(/\| llm +\| [−+]/);
    // 15 decisions in each of two runs, 100 tokens in and 20 out a call, at the list's prices of that day.
    expect(text).toMatch(
      /\| llm, 2P +\| gemini:gemini-2.5-flash +\| 2 +\| 30 +\| 0 +\| 3,000 +\| 100 +\| 600 +\| \$0.0024 +\| 2025-08-14 +\| [\d.]+ s/,
    );
    expect(await study({ models: { model: `tape:${tape}` } })).toEqual(first);
    expect(calls()).toBe(asked);
  });

  it('say when the budget was spent, and have no figure of a run in which the model was not heard', async () => {
    const { model } = await taped('budget');
    const result = await study({ models: { model, budget: 'calls=3' } });
    const [first, second] = result.runs;
    expect(first?.models?.[0]?.calls).toBe(3);
    expect(first?.objectives.every((value) => value !== null)).toBe(true);
    expect(second?.objectives).toEqual(new Array(16).fill(null));
    expect([second?.frozen, second?.best.objective]).toEqual([null, null]);
    const [llm, speculative] = rowsOf(result);
    expect([llm?.tuning?.count, llm?.missing, llm?.frozen?.count]).toEqual([1, 16, 1]);
    expect([speculative?.tuning, speculative?.missing]).toEqual([null, 32]);
    expect(studyText([result])).toMatch(/- llm, 2P: ended early with the best so far: .*\(2 of 2 runs\)/);
  });

  it('run under changing loads', async () => {
    const { model, tape } = await taped('stepped');
    const short = { ...stepped, cycles: 24, phases: [phase(0, 700, 0), phase(12, 190, 1)] };
    const run = (spec: string) =>
      runStepped(short, outsiders({ models: { model: spec } }, 1, [stepped.knobs])(stepped.knobs), [1]);
    const first = await run(model);
    const text = steppedText(first);
    expect(text).toMatch(/\| llm +\| [\d.]+ ms/);
    expect(text).toContain('What the models cost');
    expect(await run(`tape:${tape}`)).toEqual(first);
  });

  it('are refused before anything is measured', () => {
    const ask = (models: StudyOptions['models']) => () => outsiders({ models }, 1, [knobs]);
    expect(ask({ model: 'gemni:x' })).toThrow('has no known provider');
    expect(ask({ model: 'command:true', budget: 'cals=3' })).toThrow('cals');
    expect(ask({ model: `tape:${file('none.tape')}` })).toThrow('none.tape cannot be read');
  });
});

describe('a row of a person', () => {
  const both = file('both.csv', 'cycle,latency_ns,min_granularity_ns\n1,6000000,1000000\n3,2000000,200000\n');
  const one = file('one.csv', 'cycle,min_granularity_ns\n1,1000000\n2,200000\n');

  it('runs when a trace is given, in the case whose knobs it names', async () => {
    const result = await study({ trace: both }, ['fixed']);
    const [, human] = rowsOf(result);
    expect(human).toMatchObject({ tuner: 'human', cyclesToNear: 4, reached: 2 });
    expect(result.runs.at(-1)?.values[2]).toEqual(result.runs.at(-1)?.values[1]);
    expect(studyText([result])).toMatch(/\| human +\| 4\d[.\d]* ms/);
    const [floor] = knobs.slice(1);
    const entrantsOf = outsiders({ trace: both }, 1, [[floor as (typeof knobs)[0]], knobs]);
    expect(entrantsOf([floor as (typeof knobs)[0]])).toEqual([]);
    expect(studyText([await study({}, ['fixed'])])).toMatch(/\| human +\| no trace recorded/);
  });

  it('runs under changing loads, and stays with its best after its last choice', async () => {
    const entrant = outsiders({ trace: one }, 1, [stepped.knobs])(stepped.knobs);
    const result = await runStepped(stepped, entrant, [1]);
    const [row] = steppedRows(result);
    expect(row?.tuner).toBe('human');
    expect(result.runs[0]?.values[20]).toEqual({ min_granularity_ns: 200000 });
    expect(steppedText(result)).toMatch(/\| human +\| [\d.]+ ms/);
  });

  it('is refused before anything is measured: other knobs, a value that cannot be, no file', () => {
    const ask = (trace: string) => () => outsiders({ trace }, 1, [knobs]);
    expect(ask(one)).toThrow(/--trace: .*one.csv" names min_granularity_ns/);
    const wild = file('wild.csv', 'cycle,latency_ns,min_granularity_ns\n1,6000000,99999999999\n');
    expect(ask(wild)).toThrow('99999999999 is no min_granularity_ns of the study');
    const words = file('words.csv', 'cycle,latency_ns,min_granularity_ns\n1,6000000,quick\n');
    expect(ask(words)).toThrow('quick');
    expect(ask(file('none.csv'))).toThrow('cannot be read');
  });
});
