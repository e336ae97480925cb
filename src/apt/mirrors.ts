import { existsSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { TunesmithError } from '../errors.js';
import { cacheDir, ensureDir } from '../state.js';
import { INDEX_FORMAT, type IndexTarget, type Mirrors, mirrorsOf, parseIndexTargets } from './sources.js';
import { APT_ENV, APT_SIGNED } from './text.js';

/** The release this machine runs, such as `bookworm`; undefined when it is no Debian. */
export function debianCodename(osRelease = '/etc/os-release'): string | undefined {
  const text = existsSync(osRelease) ? readFileSync(osRelease, 'utf8') : '';
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(text)?.[1];
  return field('ID') === 'debian' ? field('VERSION_CODENAME') : undefined;
}

let known: Promise<Mirrors> | undefined;

/**
 * The mirrors of this machine's apt configuration, read once.
 * @throws TunesmithError (incapable) on another distribution, or when apt has no mirror.
 */
export function systemMirrors(): Promise<Mirrors> {
  known ??= readMirrors();
  return known;
}

async function readMirrors(): Promise<Mirrors> {
  const codename = debianCodename();
  if (codename === undefined)
    throw new TunesmithError('incapable', 'this machine does not run Debian, whose packages are asked for', {
      hint: 'use Debian 12 or 13',
    });
  const configured = await indexTargets([]);
  return mirrorsOf(configured.length > 0 ? configured : await fetchedTargets(), codename);
}

async function indexTargets(options: readonly string[]): Promise<IndexTarget[]> {
  const args = [...options, 'indextargets', '--format', INDEX_FORMAT];
  const done = await execa('apt-get', args, { reject: false, env: APT_ENV });
  return parseIndexTargets(done.stdout ?? '');
}

/** apt names no target before its first update: let it make one, with its lists in a place of ours. */
async function fetchedTargets(): Promise<IndexTarget[]> {
  const lists = ensureDir(cacheDir(), 'apt', 'system', 'lists');
  const options = ['-o', `Dir::State::Lists=${lists}`, '-o', 'APT::Sandbox::User=root'];
  const update = [...options, ...APT_SIGNED, '-q', '-o', 'Acquire::Languages=none', 'update'];
  await execa('apt-get', update, { reject: false, env: APT_ENV, stdin: 'ignore' });
  return indexTargets(options);
}
