import { expect, it } from 'vitest';
import { evidencePage, type Measured } from '../../src/bench/evidence/page.js';
import type { Evidence } from '../../src/verify/evidence-schema.js';
import { findSubject } from '../../src/verify/subject.js';

const evidence = (workload: string, value: number): Evidence => ({
  schema: 'tunesmith.evidence/1',
  policy: 'edf',
  version: '1.0.0',
  objectSha256: 'o',
  kernel: '6.18',
  workload,
  rigour: 'referee',
  objective: 'wakeup_p99_ns',
  direction: 'lower',
  key: workload,
  ownKey: 'own',
  value,
  ownValue: 100,
  metrics: { switches_per_s: 50 },
  ownMetrics: { switches_per_s: 100 },
});
const page = (
  found: readonly Evidence[],
  { failures = [], mixed = [] }: { failures?: readonly string[]; mixed?: readonly number[] } = {},
): string => {
  const measured: Measured = { subject: findSubject('edf'), found, failures };
  return evidencePage(
    [measured],
    new Map([
      ['mixed', mixed],
      ['hackbench', []],
      ['wakeup', []],
    ]),
  );
};

it('marks what a manifest claims, and leaves open what was not measured', () => {
  const text = page([evidence('mixed', 50), evidence('hackbench', 200)]);
  expect(text).toMatch(/`edf` +\| × 2\.00 \* +\| × 0\.50 +\| - \*/);
  expect(text).not.toContain('loses there');
  expect(text).not.toContain('gains on none');
  expect(text).toContain('- mixed: `edf` (× 2.00)\n- hackbench: none gains\n');
});

it('says which claim the figures contradict, and who gains on nothing', () => {
  const text = page([evidence('mixed', 200), evidence('hackbench', 101)], {
    failures: ['wakeup: no luck'],
  });
  expect(text).toContain('`edf` claims mixed and loses there');
  expect(text).toContain('`edf` gains on none of these loads');
  expect(text).toContain('wakeup: no luck');
  expect(page([evidence('hackbench', 50)])).toContain('says that hackbench does not suit it and gains there');
});

it('takes small differences for none', () => {
  expect(page([evidence('mixed', 104)])).toContain('`edf` claims mixed and is even there');
  expect(page([evidence('mixed', 90)])).not.toContain('edf` claims');
  const text = page([evidence('mixed', 90)], { mixed: [100, 115] });
  expect(text).toContain('`edf` claims mixed and is even there');
  expect(text).toMatch(/mixed .*100 ns to 115 ns, 2 seeds \| 15 %/);
});
