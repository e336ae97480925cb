import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { usageError } from '../errors.js';
import { nearHint } from '../near.js';
import { readFolderFile } from './folder-file.js';
import { type Manifest, manifestSchema } from './manifest.js';

/** Where this project's own policies are. */
export const POLICIES = join(dirname(fileURLToPath(import.meta.url)), '../../policies');

export const SOURCE = 'policy.bpf.c';
export const MANIFEST = 'policy.json';

/** A policy of the repository. */
export interface Policy {
  readonly manifest: Manifest;
  readonly dir: string;
  /** Path of its C source. */
  readonly source: string;
}

/**
 * The policy in a directory.
 * @throws TunesmithError (usage) naming the directory and what is missing or wrong in policy.json, field by field.
 */
export function readPolicy(dir: string): Policy {
  const [path, source] = [join(dir, MANIFEST), join(dir, SOURCE)];
  if (!existsSync(source))
    throw usageError(
      'policy',
      dir,
      existsSync(dir) ? `has no ${SOURCE}` : 'is not there',
      '`tunesmith policy new NAME` makes one',
    );
  const manifest = readFolderFile(path, manifestSchema, {
    what: 'manifest',
    hint: '`tunesmith schema manifest` prints its schema',
  });
  const name = basename(resolve(dir));
  if (manifest.name !== name) throw usageError('name', manifest.name, `is in a directory called ${name}`);
  return { manifest, dir, source };
}

/** Names of the policies in a repository, sorted. */
export const policyNames = (home = POLICIES): string[] =>
  existsSync(home)
    ? readdirSync(home)
        .filter((name) => existsSync(join(home, name, MANIFEST)))
        .sort()
    : [];

/** Every policy of a repository, by name. @throws TunesmithError (usage) for one that cannot be read. */
export const listPolicies = (home = POLICIES): Policy[] =>
  policyNames(home).map((name) => readPolicy(join(home, name)));

/** The directory itself, or the one policy it holds, as what `synthesize --out` fills does. */
function policyDir(dir: string): string {
  if (existsSync(join(dir, SOURCE))) return dir;
  const [only, ...others] = policyNames(dir);
  return only !== undefined && others.length === 0 ? join(dir, only) : dir;
}

/**
 * A policy by its name, or by the path of its directory or of one that holds no other policy.
 * @throws TunesmithError (usage) with the near names when there is none.
 */
export function findPolicy(spec: string, home = POLICIES): Policy {
  if (spec.includes('/')) return readPolicy(policyDir(spec));
  const names = policyNames(home);
  if (names.includes(spec)) return readPolicy(join(home, spec));
  throw usageError(
    'policy',
    spec,
    'is not in the repository',
    `${nearHint(spec, names)}; a path (./NAME) works too`,
  );
}
