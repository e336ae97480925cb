import { createHash } from 'node:crypto';
import { canonical } from '../canonical.js';
import type { Candidate } from './types.js';

/** A candidate with the id that its source and tunables give it. */
export function candidateOf(made: Omit<Candidate, 'id'>): Candidate {
  const { source, tunables } = made;
  const id = createHash('sha256').update(canonical({ source, tunables })).digest('hex').slice(0, 16);
  return { id, ...made };
}
