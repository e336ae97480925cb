import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { evidenceIn } from '../verify/evidence-files.js';
import type { Evidence } from '../verify/evidence-schema.js';
import { writeFilesAtomically } from './atomic.js';
import { prepareOutDir } from './out-dir.js';

/**
 * Writes a policy's evidence into its directory, a file for each trial's key, in the place of what was known of the
 * same workloads on the same kernel. Returns the directory.
 * @throws TunesmithError (usage, incapable) when it cannot be written.
 */
export function keepEvidence(dir: string, evidence: readonly Evidence[]): string {
  const home = prepareOutDir(join(dir, 'evidence'));
  const fileOf = ({ key }: Evidence): string => `${key}.json`;
  const kept = new Set(evidence.map(fileOf));
  writeFilesAtomically(
    home,
    Object.fromEntries(evidence.map((one) => [fileOf(one), `${JSON.stringify(one, null, 2)}\n`])),
  );
  const isReplaced = (old: Evidence): boolean =>
    evidence.some(({ workload, kernel }) => old.workload === workload && old.kernel === kernel);
  for (const old of evidenceIn(dir).filter(isReplaced))
    if (!kept.has(fileOf(old))) rmSync(join(home, fileOf(old)), { force: true });
  return home;
}
