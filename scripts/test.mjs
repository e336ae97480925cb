/**
 * `npm test`: type check, lint, then every test. The very last line says `N passed, N failed` (`, N skipped`); a check
 * that fails counts as one failed test. Arguments go to vitest: `node scripts/test.mjs test/host`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const tally = { passed: 0, failed: 0, skipped: 0 };

const run = (program, args) => {
  const bin = join(root, 'node_modules', '.bin', program);
  const done = spawnSync(bin, args, { cwd: root, stdio: 'inherit' });
  if (done.signal) process.exit(1);
  return done.status === 0;
};

const check = (name, program, args) => {
  const good = run(program, args);
  console.log(`${good ? '✓' : '✗'} ${name}`);
  tally[good ? 'passed' : 'failed'] += 1;
};

/** Test counts from vitest's JSON report; a file that could not be run at all counts as one failed test. */
const count = (path) => {
  const { testResults } = JSON.parse(readFileSync(path, 'utf8'));
  for (const { status, assertionResults } of testResults) {
    const failedBefore = tally.failed;
    for (const { status: outcome } of assertionResults) {
      tally[outcome === 'passed' || outcome === 'failed' ? outcome : 'skipped'] += 1;
    }
    if (status === 'failed' && tally.failed === failedBefore) tally.failed += 1;
  }
};

check('types', 'tsc', ['-p', 'test/tsconfig.json']);
check('lint and format', 'biome', ['check', '.']);

const scratch = mkdtempSync(join(tmpdir(), 'tunesmith-test-'));
try {
  const report = join(scratch, 'report.json');
  const slowest = `--reporter=${join(root, 'scripts', 'slowest-reporter.mjs')}`;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, slowest];
  const good = run('vitest', ['run', ...reporters, ...process.argv.slice(2)]);
  const failedBefore = tally.failed;
  try {
    count(report);
  } catch {
    tally.failed += 1;
  }
  // An error outside any test, or no test at all, fails vitest without a failed test.
  if (!good && tally.failed === failedBefore) tally.failed += 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
process.exitCode = tally.failed > 0 ? 1 : 0;
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
