import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { armsOf } from '../../src/bench/speculation/arms.js';
import { type ArmRun, runArms } from '../../src/bench/speculation/run.js';
import { type SpeculationRow, summarised } from '../../src/bench/speculation/summary.js';
import { speculationText } from '../../src/bench/speculation/text.js';
import type { StudyOptions } from '../../src/bench/study/profile.js';
import { renderSpeculation } from '../../src/report/speculation.js';
import { better, SyntheticTarget, workload } from '../loop/synthetic.js';
import { observed, twoKnobs } from '../tuners/case.js';
import { minded, reply } from '../tuners/llm/minded.js';

const home = mkdtempSync(join(tmpdir(), 'tunesmith-speculation-'));
beforeAll(() => {
  process.env.XDG_STATE_HOME = home;
  process.env.TEST_MODEL_KEY = 'a key';
});
afterAll(() => rmSync(home, { recursive: true }));

const { knobs } = twoKnobs;
const SECOND = 1e9;
/** The worst that there is to begin with. */
const target = () => new SyntheticTarget(better, { latency_ns: 100e6, min_granularity_ns: 10e6 });
const run = async (options: Pick<StudyOptions, 'models' | 'trace'>, cycles = 12) =>
  summarised(await runArms(armsOf(options, 1, knobs), { workload, knobs, cycles, target }));

describe('the arms from a bad start', () => {
  it('have as many windows each, the expert in the model’s place, and no row of a person', async () => {
    const rows = await run({}, 40);
    expect(rows.map(({ arm }) => arm)).toEqual(['speculator + actor', 'actor alone', 'untuned']);
    for (const { windows } of rows) expect(windows).toHaveLength(40);
    const [both, alone, untuned] = rows as [SpeculationRow, SpeculationRow, SpeculationRow];
    expect(untuned.mean).toBeCloseTo(160e6, 0);
    expect(untuned.recovered).toBeNull();
    expect(both.mean).toBeLessThan(alone.mean as number);
    expect(alone.mean).toBeLessThan(untuned.mean as number);
    const text = speculationText(rows, SECOND);
    expect(text).toMatch(/\| untuned +\| 160 ms +\| 160 ms +\| 160 ms +\| never/);
    expect(text).toMatch(/\| human +\| no trace recorded/);
    expect(text).toContain('no model configured');
    expect(text).toContain('- speculator + actor: actor decisions:');
    expect(text).not.toContain('What the models cost');
  });

  it('have the model as the actor when one is named, with what it cost, and the same from its tape', async () => {
    const at = await minded((_, nth) => reply(6e6, [1e6, 4e5, 2e5][nth % 3]));
    const own = { provider: 'gemini', model: 'gemini-2.5-flash', baseUrl: at.server.url, attempts: 1 };
    const [tape, model] = [join(home, 'e3.tape'), join(home, 'e3.json')];
    const config = { ...own, keyVariable: 'TEST_MODEL_KEY', maxOutputTokens: 1000, tape: { file: tape } };
    writeFileSync(model, JSON.stringify(config));
    const first = await run({ models: { model } });
    const asked = at.server.seen.length;
    await at.server.close();
    const text = speculationText(first, SECOND);
    expect(text).toContain('the actor is gemini:gemini-2.5-flash with its own latency');
    expect(text).not.toContain('no model configured');
    expect(text).toMatch(/\| actor alone +\| gemini:gemini-2.5-flash +\| 1 +\| \d+ +\| 0 /);
    const calls = first.flatMap(({ models = [] }) => models).reduce((sum, account) => sum + account.calls, 0);
    expect(calls).toBe(asked);
    expect(await run({ models: { model: `tape:${tape}` } })).toEqual(first);
  });

  it('have a person’s when a trace is given', async () => {
    const trace = join(home, 'trace.csv');
    writeFileSync(trace, 'cycle,latency_ns,min_granularity_ns\n2,6000000,1000000\n');
    const rows = await run({ trace });
    const human = rows.at(-1);
    expect(human?.arm).toBe('human');
    expect(human?.windows.slice(0, 4)).toEqual([160e6, 160e6, 70e6, 70e6]);
    expect(human?.windows).toHaveLength(12);
    expect(speculationText(rows, SECOND)).not.toContain('no trace recorded');
  });
});

describe('their summary', () => {
  const values = (floor: number) => ({ latency_ns: 12e6, min_granularity_ns: floor });
  const arm = (name: string, rows: [floor: number, figure: number | null, kept?: 'kept'][]): ArmRun => ({
    ...{ arm: name, context: twoKnobs, remarks: [] },
    cycles: rows.map(([floor, figure, outcome], cycle) => ({
      ...observed(cycle, values(floor), figure, outcome ? { outcome } : {}),
      ...{ reason: '', wallMs: 0 },
    })) as ArmRun['cycles'],
  });

  it('counts a setting that is kept, and judges it by all its windows in all arms', () => {
    const rows = summarised([
      // Kept for a lucky window: 80 in the mean of both arms, where the best has 50.
      arm('lucky', [
        [9e6, 100],
        [5e6, 40, 'kept'],
        [5e6, 120],
      ]),
      arm('sound', [
        [9e6, 100],
        [2e5, 50],
        [5e6, 80],
        [2e5, 50, 'kept'],
      ]),
    ]);
    expect(rows.map(({ recovered }) => recovered)).toEqual([null, 3]);
    expect(rows.map(({ mean }) => mean)).toEqual([80, 60]);
  });

  it('leaves windows without a figure out, and the first', () => {
    const [row, none] = summarised([
      arm('a', [
        [9e6, 100],
        [5e6, null],
        [5e6, 60],
      ]),
      arm('b', [[9e6, 100]]),
    ]);
    expect(row).toMatchObject({ mean: 60, windows: [100, null, 60] });
    expect(none?.mean).toBeNull();
    expect(speculationText([none as SpeculationRow], SECOND)).toMatch(/\| b +\| 100 ns +\| – +\| 100 ns/);
  });

  it('has no figures of an arm whose model was not heard', () => {
    const silent = { model: 'm', calls: 0, failures: 0, inputTokens: 0, outputTokens: 0, usd: 0 };
    const account = { ...silent, priceSince: null, latenciesMs: [], inputs: [] };
    const [row] = summarised([
      {
        ...arm('a', [
          [9e6, 100],
          [5e6, 60, 'kept'],
        ]),
        models: [account],
      },
    ]);
    expect(row).toMatchObject({ windows: [null, null], mean: null, recovered: null });
  });

  it('says how long recovery took in windows of another length', () => {
    const rows = summarised([
      arm('a', [
        [9e6, 100],
        [2e5, 50, 'kept'],
        [2e5, 50],
      ]),
    ]);
    expect(speculationText(rows, 5e8)).toMatch(/\| 500 ms +\|\n/);
    expect(speculationText(rows, 5e8)).toContain('windows of 500 ms;');
  });

  it('is drawn window by window, an arm a chart, and loads nothing', () => {
    const rows = summarised([
      arm('<a>', [
        [9e6, 100e6],
        [2e5, null],
        [2e5, 50e6, 'kept'],
      ]),
      arm('b', [[9e6, null]]),
    ]);
    const bench = {
      schema: 'tunesmith.bench.lumos-e3/1',
      profile: 'quick',
      window_ns: SECOND,
      rows,
    } as const;
    const page = renderSpeculation('lumos-e3', bench, speculationText(rows, SECOND));
    expect(page).toContain('p99 by window, &lt;a&gt;');
    expect(page).toContain('No window gave a figure.');
    // The mark of recovery, in the wide and the narrow drawing.
    expect(page.split('class="l-default"')).toHaveLength(3);
    expect(page).not.toMatch(/NaN|Infinity|undefined|<script|src=|href=/);
  });
});
