import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badPolicies, goodPolicies } from '../../src/bench/verify/corpus.js';
import { mistakes } from '../../src/bench/verify/expect.js';
import { Pipeline } from '../../src/verify/pipeline.js';
import { hogs } from '../../src/verify/probes/hogs.js';
import { hotplug } from '../../src/verify/probes/hotplug.js';
import { niceRatios } from '../../src/verify/probes/nice-ratios.js';
import { wakeupStorm } from '../../src/verify/probes/wakeup-storm.js';
import { verdictSchema } from '../../src/verify/verdict-schema.js';

const LAB = { timeout: 900_000 };
const bad = badPolicies();
const named = (start: string) => bad.find(({ file }) => file.startsWith(start)) as (typeof bad)[number];

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.open('6.18');
}, LAB.timeout);
afterAll(() => pipeline?.close());

const check = (policy: { file: string; source: string }, more = {}) =>
  pipeline.check({ name: policy.file, file: policy.file, source: policy.source, ...more });

describe('bad policies', LAB, () => {
  const early = bad.filter(
    ({ stage, kernel }) => ['lint', 'compile', 'load'].includes(stage) && kernel === '6.18',
  );

  it.each(early)('$file is rejected by $rule', async (policy) => {
    expect(mistakes(policy, await check(policy, { until: 'load' }))).toEqual([]);
  });

  /** One of each way in which a policy that loads goes wrong; `npm run bench:verify` has them all. */
  it.each(['02', '06', '93'].map(named))('$file is rejected by $rule', async (policy) => {
    expect(mistakes(policy, await check(policy))).toEqual([]);
  });
});

/** Each by the one probe that must find it, in a real guest. */
describe('the trial stage', LAB, () => {
  it.each([
    { policy: named('26'), probe: niceRatios },
    { policy: named('101'), probe: wakeupStorm },
  ])('rejects $policy.file by $policy.rule under $probe.name', async ({ policy, probe }) => {
    expect(policy.stage).toBe('trial');
    const verdict = await check(policy, { probes: [probe] });
    expect(mistakes(policy, verdict)).toEqual([]);
    expect(verdict.stages.at(-1)?.probes).toMatchObject([{ probe: probe.name }]);
  });
});

describe('a verdict', LAB, () => {
  it('ends with the stage that rejects, and fits its schema', async () => {
    const verdict = await check(named('35'));
    expect(verdictSchema.parse(verdict)).toEqual(verdict);
    expect(verdict).toMatchObject({ schema: 'tunesmith.verdict/1', accepted: false, stage: 'load' });
    expect(verdict.stages.map(({ stage }) => stage)).toEqual(['lint', 'compile', 'load']);
    expect(verdict.stages.at(-1)?.log).toContain('processed');
    expect(verdict.findings.at(-1)?.place?.file).toBe(named('35').file);
  });

  it('goes no further than asked', async () => {
    const verdict = await check(named('93'), { until: 'compile' });
    expect(verdict).toMatchObject({ accepted: true, stage: null, until: 'compile' });
    expect(verdict.stages.map(({ stage }) => stage)).toEqual(['lint', 'compile']);
  });

  it('lets a good policy through every stage, with what the verifier counted', async () => {
    const good = goodPolicies().find(({ file }) => file.startsWith('queue-per-cpu'));
    const verdict = await check(good as { file: string; source: string }, { probes: [hogs] });
    expect(verdict).toMatchObject({ accepted: true, stage: null });
    const [, , load, , trial] = verdict.stages;
    expect(load?.programs?.every(({ insns }) => insns > 0)).toBe(true);
    expect(trial?.probes).toMatchObject([{ probe: 'hogs' }]);
  });

  it('lets a policy be that leaves it to user space to start it again when CPUs come and go', async () => {
    for (const file of ['stock-macros', 'probes-for-kfuncs', 'restarts-on-hotplug']) {
      const good = goodPolicies().find((one) => one.file.startsWith(file)) as {
        file: string;
        source: string;
      };
      const { accepted, findings } = await check(good, { probes: [hotplug] });
      expect({ accepted, errors: findings.filter(({ severity }) => severity === 'error') }).toEqual({
        accepted: true,
        errors: [],
      });
    }
  });

  it('is had although the guest is lost, and the next policy gets a new one', async () => {
    const frozen = named('102');
    expect(frozen.rule).toBe('attach/guest-lost');
    const impatient = await Pipeline.open('6.18', 15_000);
    try {
      const verdict = await impatient.check({ name: 'frozen', file: frozen.file, source: frozen.source });
      expect(mistakes(frozen, verdict)).toEqual([]);
    } finally {
      await impatient.close();
    }
    expect(await check(named('35'))).toMatchObject({ stage: 'load' });
  });
});
