import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { messageOf, usageError } from '../errors.js';
import { findPolicy } from '../policies/catalogue.js';
import type { Manifest } from '../policies/manifest.js';
import { type ManifestProblem, manifestProblems } from '../policies/problems.js';

/** A policy somebody names: one of a repository, or a source of its own. */
export interface Subject {
  readonly name: string;
  readonly file: string;
  readonly source: string;
  /** Absent for a source without one. */
  readonly manifest?: Manifest;
  /** Where manifest and source differ. */
  readonly problems?: readonly ManifestProblem[];
  /** What the manifest says of weights. */
  readonly weighted?: boolean;
  /** Of a repository's policy: where its evidence lies. */
  readonly dir?: string;
  /** As it was named, where somebody named it. */
  readonly spec?: string;
}

/** What a command takes for it: a name means something in our own repository alone. */
export const specOf = ({ spec, dir, file }: Subject): string => spec ?? dir ?? file;

/**
 * By name, by the path of a policy's directory, or by the path of a C source (it ends in .c).
 * @throws TunesmithError (usage) naming what cannot be found or read.
 */
export function findSubject(spec: string): Subject {
  if (spec.endsWith('.c')) return { name: basename(spec).replace(/(\.bpf)?\.c$/, ''), ...read(spec), spec };
  const { manifest, source, dir } = findPolicy(spec);
  const weighted = manifest.properties.includes('weighted');
  const text = read(source);
  return {
    name: manifest.name,
    ...text,
    manifest,
    problems: manifestProblems(manifest, text.source),
    ...{ weighted, dir, spec },
  };
}

/** Longer files are no policies, and are not taken into memory to find that out. */
const MOST_BYTES = 16 * 1024 ** 2;

function read(file: string): { file: string; source: string } {
  try {
    // A FIFO would be waited for, a device has no end.
    const about = statSync(file);
    if (!about.isFile()) throw new Error('it is no regular file');
    if (about.size > MOST_BYTES) throw new Error(`it has ${about.size} bytes; the limit is ${MOST_BYTES}`);
    return { file, source: readFileSync(file, 'utf8') };
  } catch (error) {
    throw usageError('policy', file, `cannot be read: ${messageOf(error)}`, 'give the path of a C source');
  }
}
