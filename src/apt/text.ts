/** One version of a package in one suite. */
export interface Listing {
  readonly package: string;
  readonly version: string;
  readonly suite: string;
}

/** The environment apt and dpkg are called with: their words in English, no questions. */
export const APT_ENV = { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };

/**
 * What apt never does for us, whatever its configuration or an older list says: take packages nobody signed. Given on
 * the command line, where it outweighs every file.
 */
export const APT_SIGNED: readonly string[] = [
  'Acquire::AllowInsecureRepositories',
  'Acquire::AllowWeakRepositories',
  'Acquire::AllowDowngradeToInsecureRepositories',
  'APT::Get::AllowUnauthenticated',
].flatMap((name) => ['-o', `${name}=false`]);

/** The lines of `apt-cache madison` as listings, in apt's order (newest first for each package). */
export function parseMadison(text: string): Listing[] {
  return text.split('\n').flatMap((line) => {
    const [name, version, source] = line.split('|').map((cell) => cell.trim());
    const suite = source?.split(' ')[1]?.split('/')[0];
    return name && version && suite && !source?.endsWith('Sources')
      ? [{ package: name, version, suite }]
      : [];
  });
}

/** The fields of the first stanza of a control file; a folded field keeps its first line only. */
export function parseFields(text: string): Record<string, string> {
  const stanza = text.split('\n\n')[0] ?? '';
  return Object.fromEntries(
    [...stanza.matchAll(/^([A-Za-z0-9-]+): *(.*)$/gm)].map((match) => [match[1], match[2]]),
  );
}

/** What apt or dpkg said went wrong: its error lines, at most three; or why it could not be run at all. */
export function aptReason(done: { stderr?: unknown; shortMessage?: string | undefined }): string {
  const lines = String(done.stderr ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const errors = lines.filter((line) => /^(E:|dpkg|sudo|flock)/.test(line.trim()));
  const said = (errors.length > 0 ? errors : lines.slice(-1)).slice(0, 3);
  return said.join(' ').trim() || done.shortMessage || 'no reason given';
}
