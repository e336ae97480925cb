import { TunesmithError, usageError } from '../errors.js';

/** One package list that apt is configured to fetch. */
export interface IndexTarget {
  readonly uri: string;
  readonly codename: string;
}

/** Where the archive and its security updates are served from, as this machine's administrator chose. */
export interface Mirrors {
  readonly archive: string;
  readonly security: string;
}

/** What to ask `apt-get indextargets --format` for. */
export const INDEX_FORMAT = '$(REPO_URI)|$(CODENAME)|$(RELEASE)|$(IDENTIFIER)';

/** The package lists in the output of `apt-get indextargets --format INDEX_FORMAT`; other lines are passed over. */
export function parseIndexTargets(text: string): IndexTarget[] {
  return text.split('\n').flatMap((line) => {
    const [uri, codename, release, identifier] = line.split('|');
    if (!uri || identifier !== 'Packages') return [];
    return [{ uri, codename: codename || release || '' }];
  });
}

/**
 * The mirrors behind apt's own configuration on a release such as `bookworm`.
 * Security updates that are not configured are looked for beside the archive, where Debian's mirrors have them.
 * @throws TunesmithError (incapable) when no list of that release is configured.
 */
export function mirrorsOf(targets: readonly IndexTarget[], codename: string): Mirrors {
  const archive = targets.find((target) => target.codename === codename)?.uri;
  if (archive === undefined)
    throw new TunesmithError('incapable', `apt is configured with no mirror for Debian ${codename}`, {
      hint: 'add one to /etc/apt/sources.list.d and run: sudo apt-get update',
    });
  const security = targets.find((target) => target.codename === `${codename}-security`)?.uri;
  return { archive, security: security ?? beside(archive) };
}

/**
 * …/debian/ → …/debian-security/, also in a mirror list's file name (debian.list) or a dated snapshot's path. A path
 * without that name has its last part replaced.
 */
function beside(archive: string): string {
  const [, start = '', path = ''] = /^([a-z+]+:(?:\/\/[^/]*)?)(.*)$/.exec(archive) ?? [];
  const named = path.replace(/(.*)\/debian(?=[/.]|$)/, '$1/debian-security');
  return start + (named === path ? path.replace(/[^/]*\/?$/, 'debian-security/') : named);
}

/**
 * The text of a private list for these suites: binary packages of section main, descriptions left out.
 * @param keyring file that signs them, or undefined for the keys apt trusts anyway.
 * @throws TunesmithError (usage) for a suite that is no plain name.
 */
export function sourcesList(suites: readonly string[], mirrors: Mirrors, keyring?: string): string {
  const options = [
    ...(keyring === undefined ? [] : [`signed-by=${keyring}`]),
    'target=Packages',
    'lang=none',
  ];
  return suites
    .map((suite) => {
      if (!/^[a-z][a-z0-9-]*$/.test(suite))
        throw usageError('suite', suite, 'is not the name of a Debian suite');
      const uri = suite.endsWith('-security') ? mirrors.security : mirrors.archive;
      return `deb [${options.join(' ')}] ${uri} ${suite} main\n`;
    })
    .join('');
}
