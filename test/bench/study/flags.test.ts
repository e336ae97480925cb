import { describe, expect, it } from 'vitest';
import { planOf } from '../../../src/bench/study/profile.js';
import { studyOptions } from '../../../src/cli/commands/bench-study.js';
import { tunesmith } from '../../cli/cli.js';

const PROFILES = { quick: { cycles: 200, windowNs: 8e8, seeds: 5, points: 8 } };

describe('what a study is asked', () => {
  it('takes the profile’s place, and leaves the rest as it is', () => {
    const options = studyOptions({ window: '2s', cycles: '40', repeats: '3' }, 3);
    expect(planOf(PROFILES, options)).toEqual({ cycles: 40, windowNs: 2e9, seeds: 3, points: 8 });
    expect(planOf(PROFILES, studyOptions({}, 5))).toEqual(PROFILES.quick);
    // Without --repeats the seeds are the profile's own, not the number every experiment has.
    expect(studyOptions({}, 5).seeds).toBeUndefined();
  });

  it('names a model only when one is', () => {
    expect(studyOptions({}, 5).models).toBeUndefined();
    expect(studyOptions({ model: 'a:b', budget: 'calls=3' }, 5).models).toEqual({
      model: 'a:b',
      budget: 'calls=3',
    });
  });

  it.each([
    [{ cycles: '7' }, '--cycles: "7" must be a whole number from 8 to 100000'],
    [{ window: '5' }, '--window: "5" is not a duration'],
    [{ window: '0s' }, '--window: "0s" must be longer than zero'],
    [{ budget: 'calls=3' }, '--budget: "calls=3" goes with --model'],
  ])('is refused for %j', (flags, why) => {
    expect(() => studyOptions(flags, 5)).toThrow(why);
  });

  it('is refused for a profile nobody knows', () => {
    expect(() => planOf(PROFILES, { profile: 'quik' })).toThrow('--profile: "quik" is not known');
    expect(() => planOf(PROFILES, { profile: 'toString' })).toThrow('--profile');
  });
});

describe('bench lumos-*', () => {
  it.each([
    [['lumos-e3', '--repeats', '25'], '--cycles says how many windows'],
    [['lumos-e3', '--profile', 'slow'], 'use quick or full'],
    [['lumos-e1', '--model', 'gemni:x'], 'did you mean gemini'],
    [['lumos-e2', '--trace', '/none.csv'], '/none.csv" cannot be read'],
    [['reach', '--model', 'command:true'], '--model: "command:true" is nothing that reach takes'],
  ])('%j is refused before anything runs', async (args, why) => {
    const { code, stderr } = await tunesmith('bench', ...args);
    expect(stderr).toContain(why);
    expect(code).toBe(2);
  });
});
