import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { debianCodename, dependencies, download, show, unpack } from '../apt.js';
import { TunesmithError } from '../errors.js';
import { cacheDir, ensureDir } from '../state.js';
import { missingLibraries } from './libraries.js';
import type { Say } from './say.js';

/** Written last into an unpacked root, so that a root with it is whole: a list of {package, version, sha256}. */
const MANIFEST = 'packages.json';
const PROGRAMS = ['postgres', 'initdb', 'pg_ctl', 'psql', 'pgbench'];

/**
 * Unpacks the release's PostgreSQL under cacheDir()/packages/postgresql-NN and returns that root. Installing it would
 * create and start a database cluster; unpacking leaves nothing behind on the machine. Shared libraries the machine
 * lacks are put beside it. Does nothing when a whole root is there.
 * @throws TunesmithError (incapable) when it cannot be had.
 */
export async function providePostgres(say: Say): Promise<string> {
  const home = ensureDir(cacheDir(), 'packages');
  sweep(home);
  const there = readdirSync(home).find((name) => /^postgresql-\d+$/.test(name) && isWhole(join(home, name)));
  if (there !== undefined) return join(home, there);

  const codename = debianCodename() ?? 'stable';
  const suites = [codename, `${codename}-security`];
  const server = /\bpostgresql-\d+\b/.exec((await show(suites, 'postgresql')).Depends ?? '')?.[0];
  if (server === undefined)
    throw new TunesmithError('incapable', `Debian ${codename} names no PostgreSQL server`);
  say(`fetching ${server} for the pgbench workload (not installed)`);

  const part = mkdtempSync(join(home, '.postgresql-'));
  try {
    const packages = [server, server.replace('postgresql', 'postgresql-client')];
    const manifest = await add(suites, packages, part);
    if ((await lacking(part)).length > 0) {
      const libraries = (await dependencies(suites, packages)).filter(isLibrary);
      manifest.push(...(await add(suites, libraries, part)));
    }
    const still = await lacking(part);
    if (still.length > 0) throw new TunesmithError('incapable', `${server} needs ${still.join(', ')}`);
    writeFileSync(join(part, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    const root = join(home, server);
    rmSync(root, { recursive: true, force: true });
    renameSync(part, root);
    return root;
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/** Removes what a killed set-up left behind, once it is an hour old and nobody can still be at it. */
function sweep(home: string): void {
  for (const path of readdirSync(home).flatMap((name) => (name.startsWith('.') ? join(home, name) : []))) {
    if (Date.now() - statSync(path).mtimeMs > 3_600_000) rmSync(path, { recursive: true, force: true });
  }
}

const isWhole = (root: string): boolean =>
  existsSync(join(root, MANIFEST)) && readFileSync(join(root, MANIFEST), 'utf8').trim().endsWith(']');

/** The server's just-in-time compiler, and Perl for procedures and cluster scripts, are not used in the lab. */
const isLibrary = (name: string): boolean =>
  /^lib/.test(name) && !/^lib(llvm|z3|perl|gdbm|c-)|-(perl|dev)$/.test(name);

/** Fetches and unpacks packages, one after the other; returns what came. */
async function add(suites: readonly string[], packages: readonly string[], root: string) {
  const came: { package: string; version: string; sha256: string }[] = [];
  for (const name of packages) {
    const fields = await show(suites, name);
    const version = fields.Version ?? '';
    const deb = await download(suites, `${name}=${version}`, root);
    await unpack(deb, root);
    rmSync(deb);
    came.push({ package: name, version, sha256: fields.SHA256 ?? '' });
  }
  return came;
}

/** Libraries and programs that are still not there. */
async function lacking(root: string): Promise<string[]> {
  const versions = join(root, 'usr/lib/postgresql');
  const bin = join(versions, readdirSync(versions)[0] ?? '', 'bin');
  const found = await Promise.all(
    PROGRAMS.map(async (program) =>
      existsSync(join(bin, program)) ? missingLibraries(join(bin, program), root) : [program],
    ),
  );
  return [...new Set(found.flat())].sort();
}
