import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { goldenGround, goldenSchema, measureGolden } from '../../src/bench/golden.js';

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

it('the committed trials have figures', () => {
  for (const { metrics } of [golden.search, golden.referee]) {
    expect(Object.keys(metrics).length).toBeGreaterThan(20);
    expect(metrics.wakeup_p99_ns).toBeGreaterThan(0);
  }
  expect(golden.search.metrics).not.toEqual(golden.referee.metrics);
});
