import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { goldenGround, goldenSchema, measureGolden } from '../../src/bench/golden.js';
import { listPolicies } from '../../src/policies/catalogue.js';
import { evidenceSchema } from '../../src/verify/evidence-schema.js';

const golden = goldenSchema.parse(JSON.parse(readFileSync('test/lab/golden.json', 'utf8')));

/** What differs, one line each; figures on another kernel, QEMU or compiler are others by right. */
const differences = (here: Readonly<Record<string, string>>): string[] =>
  Object.entries(golden.ground).flatMap(([name, version]) =>
    here[name] === version ? [] : `${name} is ${here[name] ?? 'not there'}, and was ${version}`,
  );

it('a search and a referee trial come out as they are committed, to the last digit', async (test) => {
  const other = differences(await goldenGround());
  test.skip(other.length > 0, other.join('; '));
  const again = await measureGolden();
  expect(
    again.built,
    'the guest’s programs changed: measure the evidence again (`npm run evidence`)',
  ).toEqual(golden.built);
  expect(again.search).toEqual(golden.search);
  expect(again.referee).toEqual(golden.referee);
});

it('are what the evidence of the policies was measured beside', () => {
  const [kernel] = golden.ground.kernel?.split(' ') ?? [];
  const files = listPolicies().flatMap(({ dir }) => {
    const home = join(dir, 'evidence');
    return existsSync(home) ? readdirSync(home).map((name) => join(home, name)) : [];
  });
  const beside = files
    .map((path) => evidenceSchema.parse(JSON.parse(readFileSync(path, 'utf8'))))
    .filter((one) => one.workload === 'mixed' && one.kernel === kernel && one.rigour === 'referee');
  expect(beside.length).toBeGreaterThan(10);
  for (const { policy, ownMetrics } of beside) expect(ownMetrics, policy).toEqual(golden.referee.metrics);
});

it('the committed trials have figures', () => {
  for (const { metrics } of [golden.search, golden.referee]) {
    expect(Object.keys(metrics).length).toBeGreaterThan(20);
    expect(metrics.wakeup_p99_ns).toBeGreaterThan(0);
  }
  expect(golden.search.metrics).not.toEqual(golden.referee.metrics);
});
