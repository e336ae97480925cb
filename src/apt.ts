/**
 * Debian packages from suites this machine is not configured for. Lists are private, under cacheDir()/apt: of the
 * system's apt configuration only the mirror's address is used, and nothing of it is changed. Every download is
 * verified by apt against Debian's keys.
 */
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { lookUp, type PrivateList, privateList } from './apt/list.js';
import { APT_ENV, aptReason, type Listing, parseFields, parseMadison } from './apt/text.js';
import { TunesmithError } from './errors.js';
import { ensureDir } from './state.js';

export {
  candidateVersion,
  dependencies,
  installedVersion,
  installPackages,
  installPrivately,
  updateLists,
} from './apt/install.js';
export { debianCodename } from './apt/mirrors.js';
export type { Listing } from './apt/text.js';

/**
 * Versions on offer of the packages whose name matches `pattern` (an extended regular expression), for this machine
 * or for another of Debian's architectures, such as `arm64`.
 */
export const search = (
  suites: readonly string[],
  pattern: string,
  architecture?: string,
): Promise<Listing[]> =>
  lookUp(
    privateList(suites, architecture),
    async (list) => {
      const lines = (await cache(list, ['search', '--names-only', pattern])).split('\n');
      const names = lines.flatMap((line) => line.split(' - ')[0] || []);
      return names.length === 0 ? [] : parseMadison(await cache(list, ['madison', ...names]));
    },
    (listings) => listings.length > 0,
  );

/** Versions on offer of one package, newest first; empty when there is none. */
export const versions = (suites: readonly string[], name: string): Promise<Listing[]> =>
  lookUp(
    privateList(suites),
    async (list) => parseMadison(await cache(list, ['madison', name])),
    (listings) => listings.length > 0,
  );

/**
 * The control fields (`Version`, `SHA256`, `Depends`, …) of `package` or `package=version`.
 * @throws TunesmithError (incapable) when the suites do not have it.
 */
export async function show(suites: readonly string[], spec: string): Promise<Record<string, string>> {
  const fields = await lookUp(
    privateList(suites),
    async (list) => parseFields(await cache(list, ['show', '--no-all-versions', spec])),
    (found) => found.Package !== undefined,
  );
  if (fields.Package !== undefined) return fields;
  throw new TunesmithError('incapable', `${spec} is in none of ${suites.join(', ')}`);
}

/**
 * Fetches `package` or `package=version` into `directory` and returns the path of the .deb; for this machine or for
 * another of Debian's architectures.
 * @throws TunesmithError (incapable) when the suites do not have it, or it cannot be fetched or stored.
 */
export async function download(
  suites: readonly string[],
  spec: string,
  directory: string,
  architecture?: string,
): Promise<string> {
  ensureDir(directory);
  const ask = (list: PrivateList) => fetchInto(list, spec, directory);
  const fetched = await lookUp(privateList(suites, architecture), ask, (answer) => 'path' in answer);
  if ('path' in fetched) return fetched.path;
  throw new TunesmithError('incapable', `cannot fetch ${spec} from ${suites.join(', ')}: ${fetched.reason}`, {
    hint: 'check the network, the free disk space and the mirror in /etc/apt',
  });
}

/** Unpacks a .deb under `directory`, running none of its scripts. @throws TunesmithError (incapable) */
export async function unpack(deb: string, directory: string): Promise<void> {
  ensureDir(directory);
  const done = await execa('dpkg-deb', ['-x', deb, directory], { reject: false, env: APT_ENV });
  if (done.failed) throw new TunesmithError('incapable', `cannot unpack ${deb}: ${aptReason(done)}`);
}

async function cache(list: PrivateList, args: readonly string[]): Promise<string> {
  const done = await execa('apt-cache', [...list.options, ...args], { reject: false, env: APT_ENV });
  return done.stdout ?? '';
}

/** apt-get download writes into its working directory: give it an empty one, then move what came. */
async function fetchInto(
  list: PrivateList,
  spec: string,
  directory: string,
): Promise<{ path: string } | { reason: string }> {
  const part = mkdtempSync(join(directory, '.fetch-'));
  try {
    const args = [...list.options, '-q', 'download', spec];
    const done = await execa('apt-get', args, { reject: false, env: APT_ENV, cwd: part, stdin: 'ignore' });
    const file = readdirSync(part).find((name) => name.endsWith('.deb'));
    if (done.failed || file === undefined) return { reason: aptReason(done) };
    renameSync(join(part, file), join(directory, file));
    return { path: join(directory, file) };
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}
