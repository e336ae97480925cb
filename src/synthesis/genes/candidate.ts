import { readFileSync } from 'node:fs';
import { findPolicy } from '../../policies/catalogue.js';
import { candidateOf } from '../candidate.js';
import type { Candidate } from '../types.js';
import { canonicalGenome } from './genome.js';
import { GENES, type Genome } from './table.js';
import { trimmed } from './trim.js';
import { describeGenome } from './words.js';

/** The text of policies/genes. @throws TunesmithError (usage) when the repository lacks it. */
export const genesSource = (): string => readFileSync(findPolicy('genes').source, 'utf8');

/** A genome as a candidate: the one source, less the callbacks that have nothing to do, and tunables. */
export const genesCandidate = (
  source: string,
  genome: Genome,
  parents: readonly string[] = [],
): Candidate => {
  const tunables = canonicalGenome(genome);
  return candidateOf({
    ...{ source: trimmed(source, tunables), tunables, by: 'genes', parents },
    words: describeGenome(tunables),
  });
};

/** The genome of a candidate that genes made; null for any other. */
export const genomeOf = ({ by, tunables }: Candidate): Genome | null =>
  by === 'genes' && GENES.every(({ name }) => name in tunables) ? canonicalGenome(tunables) : null;
