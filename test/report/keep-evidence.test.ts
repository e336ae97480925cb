import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { keepEvidence } from '../../src/report/keep-evidence.js';
import { evidenceIn } from '../../src/verify/evidence-files.js';
import { type Evidence, gain } from '../../src/verify/evidence-schema.js';

const dir = mkdtempSync(join(tmpdir(), 'evidence-'));
afterAll(() => rmSync(dir, { recursive: true }));

const evidence = (key: string, more: Partial<Evidence> = {}): Evidence => ({
  schema: 'tunesmith.evidence/1',
  policy: 'fifo',
  version: '1.0.0',
  objectSha256: 'o',
  kernel: '6.18',
  workload: 'mixed',
  rigour: 'referee',
  objective: 'wakeup_p99_ns',
  direction: 'lower',
  key,
  ownKey: 'own',
  value: 20,
  ownValue: 10,
  metrics: {},
  ownMetrics: {},
  ...more,
});

it('is kept by key, in the place of what was known of the same workload on the same kernel', () => {
  expect(evidenceIn(dir)).toEqual([]);
  const other = evidence('c', { workload: 'wakeup' });
  const elsewhere = evidence('d', { kernel: '7.3' });
  keepEvidence(dir, [evidence('a'), other, elsewhere]);
  const home = keepEvidence(dir, [evidence('b')]);
  expect(readdirSync(home).sort()).toEqual(['b.json', 'c.json', 'd.json']);
  expect(evidenceIn(dir)).toEqual([evidence('b'), elsewhere, other]);
});

it('is refused, by its path and with a way out, where a file is broken', () => {
  const broken = mkdtempSync(join(tmpdir(), 'evidence-'));
  const home = keepEvidence(broken, [evidence('a')]);
  for (const text of ['half a fi', '{"schema":"other"}']) {
    writeFileSync(join(home, 'b.json'), text);
    expect(() => evidenceIn(broken)).toThrow(/evidence\/b\.json" is no evidence: /);
  }
  rmSync(broken, { recursive: true });
});

it('says how many times better the objective was', () => {
  expect(gain(evidence('a'))).toBe(0.5);
  expect(gain(evidence('a', { direction: 'higher' }))).toBe(2);
});
