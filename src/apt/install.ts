import { execa } from 'execa';
import { TunesmithError } from '../errors.js';
import { privateList, refresh } from './list.js';
import { debianCodename } from './mirrors.js';
import { APT_ENV, APT_SIGNED, aptReason } from './text.js';

/**
 * Installs packages from the suites this machine is configured for, through sudo when not root. Never removes a
 * package, asks nothing, leaves recommendations out.
 * @throws TunesmithError (incapable) with apt's own words.
 */
export const installPackages = (packages: readonly string[]): Promise<void> => install(packages, []);

/** The same from another suite, such as `bookworm-backports`; dependencies prefer this machine's own release. */
export async function installPrivately(suite: string, packages: readonly string[]): Promise<void> {
  const codename = debianCodename();
  const base = codename === undefined ? [] : [codename, `${codename}-security`];
  const list = privateList([...new Set([...base, suite])]);
  const fresh = await refresh(list);
  try {
    await install(packages, [...list.options, '-t', suite]);
  } catch (error) {
    if (fresh || !(await refresh(list, 0))) throw error;
    await install(packages, [...list.options, '-t', suite]);
  }
}

/** The version dpkg has of a package, or undefined when it is not (fully) installed. */
export async function installedVersion(name: string): Promise<string | undefined> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format
  const format = '${db:Status-Status} ${Version}\n';
  const done = await execa('dpkg-query', ['-W', '-f', format, name], { reject: false, env: APT_ENV });
  return /^installed (\S+)$/m.exec(done.stdout ?? '')?.[1];
}

/** The version `apt-get install` would take with the machine's own configuration; the network is not asked. */
export async function candidateVersion(name: string): Promise<string | undefined> {
  const done = await execa('apt-cache', ['policy', name], { reject: false, env: APT_ENV });
  const candidate = /^\s*Candidate: (\S+)$/m.exec(done.stdout ?? '')?.[1];
  return candidate === '(none)' ? undefined : candidate;
}

/** Brings the machine's own package lists up to date, through sudo when not root. @throws TunesmithError (incapable) */
export async function updateLists(): Promise<void> {
  const done = await asRoot([...APT_SIGNED, '-q', 'update']);
  if (done.failed)
    throw new TunesmithError('incapable', `cannot update the package lists: ${aptReason(done)}`, {
      hint: 'check the network and the mirror in /etc/apt, then as root: apt-get update',
    });
}

/** What else would have to be installed, by name, for these packages of a private list to be complete. */
export async function dependencies(
  suites: readonly string[],
  packages: readonly string[],
): Promise<string[]> {
  const list = privateList(suites);
  await refresh(list);
  const args = [...list.options, '-s', '--no-install-recommends', 'install', ...packages];
  const done = await execa('apt-get', args, { reject: false, env: APT_ENV, stdin: 'ignore' });
  const names = [...done.stdout.matchAll(/^Inst (\S+)/gm)].flatMap((match) => match[1] ?? []);
  return names.filter((name) => !packages.includes(name));
}

async function install(packages: readonly string[], options: readonly string[]): Promise<void> {
  const args = [
    ...['-y', '-q', '--no-install-recommends', '--no-remove', '-o', 'DPkg::Lock::Timeout=600'],
    ...['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold'],
    ...APT_SIGNED,
    ...options,
    ...['install', ...packages],
  ];
  const done = await asRoot(args);
  if (!done.failed) return;
  throw new TunesmithError('incapable', `cannot install ${packages.join(' ')}: ${aptReason(done)}`, {
    hint: 'run `npm run setup` as root, or where sudo can ask for a password',
  });
}

/** apt-get with root's rights. sudo asks for a password on the terminal itself; apt gets no input. */
function asRoot(args: readonly string[]) {
  const environment = Object.entries(APT_ENV).map(([name, value]) => `${name}=${value}`);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  const [file = 'env', ...rest] = [...sudo, 'env', ...environment, 'apt-get', ...args];
  return execa(file, rest, { reject: false, stdin: 'ignore' });
}
