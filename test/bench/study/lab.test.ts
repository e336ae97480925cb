import { describe, expect, it } from 'vitest';
import { type Entrant, runStudy, type StudyCase } from '../../../src/bench/study/run.js';
import { studyText } from '../../../src/bench/study/tables.js';
import type { Target } from '../../../src/change/target.js';
import { findKnob } from '../../../src/knobs/catalogue.js';
import { Lab } from '../../../src/lab/lab.js';
import { prepareTrial } from '../../../src/lab/prepare.js';
import { Store } from '../../../src/lab/store.js';
import { LabTarget } from '../../../src/lab/target.js';
import type { TrialResult } from '../../../src/lab/trial.js';
import { makeTuner } from '../../../src/tuners/index.js';
import { scratchCache } from '../../lab/scratch.js';

const cache = scratchCache();
const entrants: Entrant[] = ['expert', 'random'].map((name) => ({ name, make: () => makeTuner(name) }));

/** A small study on one CPU of the lab; `measured` hears of each window, and may end the study by throwing. */
async function study(lab: Lab, measured: (result: TrialResult) => void): Promise<StudyCase> {
  const request = { kernel: 'cfs', workload: 'mixed', cpus: 1, windowNs: 1e8 };
  const trials = {
    search: await prepareTrial(lab, { ...request, seed: 1 }),
    'held out': await prepareTrial(lab, { ...request, seed: 2 }),
  };
  const target = async (which: keyof typeof trials): Promise<Target> => {
    const own = new LabTarget(lab, trials[which]);
    const measure = async () => {
      const result = await own.measure('search');
      measured(result);
      return result;
    };
    return {
      ...{ name: own.name, scheduler: own.scheduler, cpus: own.cpus, measure },
      defaults: () => own.defaults(),
      apply: (values) => own.apply(values),
      close: () => own.close(),
    };
  };
  const knobs = [findKnob('min_granularity_ns', 'cfs')];
  return {
    name: '1P, 1 CPU',
    workload: trials.search.workload,
    knobs,
    cycles: 8,
    points: 3,
    heldOut: 1,
    target,
  };
}

describe('a study in the lab, on one CPU', () => {
  it('that was interrupted goes on where it was, and gives the tables of one that was not', async () => {
    const first = new Lab();
    const done = new Set<string>();
    const interrupted = study(first, ({ key }) => {
      done.add(key);
      if (done.size === 3) throw new Error('the power went');
    });
    await expect(runStudy(await interrupted, entrants, [42])).rejects.toThrow('the power went');
    await first.close();

    const resumed = new Lab();
    const again = new Set<string>();
    const noted = ({ key, cached }: TrialResult) => {
      if (!cached) again.add(key);
    };
    const one = await runStudy(await study(resumed, noted), entrants, [42]);
    await resumed.close();
    expect(done.size).toBeGreaterThanOrEqual(3);
    for (const key of done) expect(again).not.toContain(key);

    const anew = new Lab({ store: new Store(`${cache}/other.sqlite`) });
    const all = new Set<string>();
    const two = await runStudy(await study(anew, ({ key }) => all.add(key)), entrants, [42]);
    await anew.close();
    expect(all.size).toBeGreaterThan(done.size);
    expect(two).toEqual(one);
    expect(studyText([two])).toBe(studyText([one]));
  });
});
