import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TunesmithError } from '../errors.js';
import { cacheDir } from '../state.js';
import { fileEntry, type GuestFile, libraryClosure, treeEntries } from './closure.js';
import type { Entry } from './cpio.js';

export interface Postgres {
  /** '' for the system's own, else the directory its packages were unpacked to. */
  readonly root: string;
  readonly major: string;
}

/** Directories that may hold a PostgreSQL: what set-up unpacked, then the system's own. */
function roots(): string[] {
  const home = join(cacheDir(), 'packages');
  const unpacked = existsSync(home) ? readdirSync(home).filter((name) => /^postgresql-\d+$/.test(name)) : [];
  return [...unpacked.sort().map((name) => join(home, name)), ''];
}

/** @throws TunesmithError (incapable) when there is no PostgreSQL server on this machine. */
export function findPostgres(): Postgres {
  for (const root of roots()) {
    const home = join(root, '/usr/lib/postgresql');
    const majors = existsSync(home) ? readdirSync(home).sort((a, b) => Number(b) - Number(a)) : [];
    const major = majors.find((name) => existsSync(join(home, name, 'bin/postgres')));
    if (major !== undefined) return { root, major };
  }
  throw new TunesmithError('incapable', 'the pgbench workload needs PostgreSQL, which is not there', {
    hint: 'run `npm run setup`; it fetches PostgreSQL without installing it',
  });
}

/** Server-side modules initdb loads; the just-in-time compiler is left out. */
const MODULES = ['plpgsql.so', 'dict_snowball.so'];

/** PostgreSQL as the guest needs it: `programs` with their libraries, modules and data files. */
export async function postgresEntries(pg: Postgres, programs: readonly string[]): Promise<Entry[]> {
  const place = (path: string): GuestFile => ({ source: join(pg.root, path), path });
  const lib = `/usr/lib/postgresql/${pg.major}`;
  const binaries = programs.map((name) => place(`${lib}/bin/${name}`));
  const modules = MODULES.map((name) => place(`${lib}/lib/${name}`));
  const closures = await Promise.all(
    [...binaries, ...modules].map((file) => libraryClosure(file.source, pg.root)),
  );
  const share = `/usr/share/postgresql/${pg.major}`;
  const data = ['timezonesets', 'tsearch_data'].flatMap((name) =>
    treeEntries(join(pg.root, share, name), `${share}/${name}`),
  );
  const catalogs = readdirSync(join(pg.root, share))
    .filter((name) => /\.(bki|sql|sample|txt)$/.test(name))
    .map((name) => place(`${share}/${name}`));
  const extension = treeEntries(join(pg.root, share, 'extension'), `${share}/extension`).filter(({ path }) =>
    path.includes('/plpgsql'),
  );
  return [
    ...[...binaries, ...modules, ...closures.flat(), ...catalogs].map(fileEntry),
    ...data,
    ...extension,
  ];
}
