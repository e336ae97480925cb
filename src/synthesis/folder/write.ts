import { join } from 'node:path';
import { TunesmithError } from '../../errors.js';
import type { Lab } from '../../lab/lab.js';
import { MANIFEST, SOURCE } from '../../policies/catalogue.js';
import { makeDirs, storeFile } from '../../state.js';
import { gatherEvidence, workloadsOf } from '../../verify/evidence.js';
import type { Evidence } from '../../verify/evidence-schema.js';
import { findSubject } from '../../verify/subject.js';
import { withConstant, withDefaults } from '../genes/bake.js';
import type { SynthesisResult } from '../result.js';
import type { Candidate } from '../types.js';
import { LINEAGE, lineageOf } from './lineage.js';
import { boundedTunables, manifestOf, type Origin } from './manifest.js';
import { introduced, renamed } from './source.js';
import { wordsOf } from './words.js';

/** The name a candidate gets where none is given: also its directory's and its ops table's. */
export const nameOf = (workload: string, { id }: Pick<Candidate, 'id'>): string =>
  `${workload.replaceAll(/\W/g, '_')}_${id.slice(0, 6)}`;

/** The source as it is kept: its name, its words, what was found as its defaults, and what can be nothing else as that. */
export function sourceOf(
  name: string,
  result: SynthesisResult,
  candidate: Candidate,
  { base }: Pick<Origin, 'base'>,
): string {
  const { workload, cpus, objective } = result.case;
  const words = `Synthesized for ${workload} on ${cpus} CPUs (${objective.metric}); README.md says what came of it.`;
  const { fixed } = boundedTunables(candidate, base?.tunables ?? []);
  const set = withDefaults(candidate.source, candidate.tunables);
  return introduced(renamed(fixed.reduce(withConstant, set), name), words);
}

/**
 * Writes a policy's folder, ready for policies/: source, manifest, lineage, words. Returns its path.
 * @throws TunesmithError (incapable) when it cannot be written
 */
export function writePolicy(
  home: string,
  name: string,
  result: SynthesisResult,
  candidate: Candidate,
  origin: Origin,
): string {
  const recommended = result.selection.policy === candidate.id;
  const dir = join(home, name);
  makeDirs(dir);
  const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  storeFile(dir, SOURCE, Buffer.from(sourceOf(name, result, candidate, origin)));
  storeFile(dir, MANIFEST, json(manifestOf(name, result, candidate, origin, recommended)));
  storeFile(dir, LINEAGE, json(lineageOf(result, name, candidate.id, recommended)));
  storeFile(dir, 'README.md', Buffer.from(wordsOf(name, result, candidate, origin, recommended)));
  return dir;
}

/**
 * Trials of a written policy, as `policy trial` makes them: the workload it claims, and of one that is recommended two
 * that it does not. One under which it does not hold is left out and told.
 */
export async function evidenceFor(
  lab: Lab,
  dir: string,
  kernel: string,
  recommended: boolean,
  note: (text: string) => void,
): Promise<Evidence[]> {
  const found: Evidence[] = [];
  const subject = findSubject(dir);
  const workloads = workloadsOf(subject).filter(({ claimed }) => claimed || recommended);
  for (const { name } of workloads) {
    note(`evidence: ${name}`);
    try {
      found.push(await gatherEvidence(lab, subject, { workload: name, kernel, rigour: 'referee' }));
    } catch (error) {
      if (!(error instanceof TunesmithError) || error.code !== 'rejected') throw error;
      note(`evidence: none of ${name}, ${error.message}`);
    }
  }
  return found;
}
