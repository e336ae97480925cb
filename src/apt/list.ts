import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { TunesmithError } from '../errors.js';
import { cacheDir, ensureDir } from '../state.js';
import { systemMirrors } from './mirrors.js';
import { sourcesList } from './sources.js';
import { APT_ENV, APT_SIGNED, aptReason } from './text.js';

const MAX_AGE_MS = 3_600_000;
const KEYRING = '/usr/share/keyrings/debian-archive-keyring';

/** A private package list: its directory, and the options that make apt use it instead of the system's. */
export interface PrivateList {
  readonly suites: readonly string[];
  readonly directory: string;
  readonly options: readonly string[];
}

/** Debian's words for what this machine can be. */
const OWN = process.arch === 'x64' ? 'amd64' : process.arch;

/**
 * The private list of some suites, under cacheDir()/apt, for this machine or for another of Debian's architectures.
 * Nothing is fetched yet.
 */
export function privateList(suites: readonly string[], architecture = OWN): PrivateList {
  const foreign = architecture === OWN ? [] : [architecture];
  const directory = ensureDir(cacheDir(), 'apt', [suites.join('+'), ...foreign].join('@'));
  ensureDir(directory, 'lists', 'partial');
  ensureDir(directory, 'cache', 'archives', 'partial');
  const options = Object.entries({
    'Dir::Etc::SourceList': join(directory, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::Etc::Preferences': '/dev/null',
    'Dir::Etc::PreferencesParts': '/dev/null',
    'Dir::State::Lists': join(directory, 'lists'),
    'Dir::Cache': join(directory, 'cache'),
    // Container images switch this cache off; without it every question takes a second.
    'Dir::Cache::pkgcache': 'pkgcache.bin',
    'Dir::Cache::srcpkgcache': '',
    'APT::Default-Release': '',
    'APT::Sandbox::User': 'root',
    'APT::Keep-Downloaded-Packages': 'false',
    ...(foreign.length === 0
      ? {}
      : { 'APT::Architecture': architecture, 'APT::Architectures': architecture }),
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return { suites, directory, options: [...options, ...APT_SIGNED] };
}

/**
 * Asks a private list; when it has no answer and is not brand new, once more after a refresh. A list that cannot be
 * refreshed is used as it is, so that what is known can be had without a network.
 * @throws TunesmithError (incapable) when there is no list at all and none can be fetched.
 */
export async function lookUp<T>(
  list: PrivateList,
  ask: (list: PrivateList) => Promise<T>,
  found: (answer: T) => boolean,
): Promise<T> {
  const fresh = await refresh(list);
  const answer = await ask(list);
  if (found(answer) || fresh) return answer;
  return (await refresh(list, 0)) ? ask(list) : answer;
}

const running = new Map<string, Promise<boolean>>();

/**
 * Fetches a list's index files when the last time is longer ago than `maxAgeMs` (an hour); true when it did.
 * @throws TunesmithError (incapable) when that fails and there are none from before.
 */
export function refresh(list: PrivateList, maxAgeMs = MAX_AGE_MS): Promise<boolean> {
  const known = running.get(list.directory);
  if (known) return known;
  const begun = refreshNow(list, maxAgeMs).finally(() => running.delete(list.directory));
  running.set(list.directory, begun);
  return begun;
}

async function refreshNow(list: PrivateList, maxAgeMs: number): Promise<boolean> {
  const stamp = join(list.directory, 'refreshed');
  const age = existsSync(stamp) ? Date.now() - statSync(stamp).mtimeMs : Number.POSITIVE_INFINITY;
  if (age < maxAgeMs) return false;
  const keyring = ['.gpg', '.pgp'].map((end) => KEYRING + end).find((file) => existsSync(file));
  writeFileSync(
    join(list.directory, 'sources.list'),
    sourcesList(list.suites, await systemMirrors(), keyring),
  );
  // flock: two processes may want the same list, and apt-get would fail rather than wait.
  const args = ['-w', '300', join(list.directory, 'lock'), 'apt-get', ...list.options];
  const update = [...args, '-o', 'APT::Update::Error-Mode=any', '-q', 'update'];
  const done = await execa('flock', update, { reject: false, env: APT_ENV, stdin: 'ignore' });
  if (!done.failed) {
    writeFileSync(stamp, '');
    return true;
  }
  if (age < Number.POSITIVE_INFINITY) return false;
  const message = `cannot fetch the package lists of ${list.suites.join(', ')}: ${aptReason(done)}`;
  throw new TunesmithError('incapable', message, { hint: 'check the network and the mirror in /etc/apt' });
}
