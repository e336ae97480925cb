import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootStateDir } from '../state.js';
import { changeDir } from './options.js';

/** A journal of changes on this machine that is not the one in use. */
export interface OtherJournal {
  readonly dir: string;
  /** The user whose it is, by name. */
  readonly owner: string;
  /** Ids of what is staged or committed there; null: it cannot be read. */
  readonly open: readonly string[] | null;
}

const UNDO = /^(c[1-9]\d{0,14})\.undo$/;

/** Ids of the changes that have an undo list in a directory, so are in force; undefined when there is no such one. */
function openIn(dir: string): readonly string[] | null | undefined {
  try {
    return readdirSync(dir)
      .flatMap((name) => UNDO.exec(name)?.[1] ?? [])
      .sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : null;
  }
}

/** Users with a home directory, from /etc/passwd: a directory service could keep a panic waiting. */
function homes(): { readonly owner: string; readonly home: string }[] {
  let text: string;
  try {
    text = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [owner, , uid, , , home] = line.split(':');
    const number = Number(uid);
    return owner && home?.startsWith('/') && home !== '/' && (number === 0 || number >= 1000)
      ? [{ owner, home }]
      : [];
  });
}

/**
 * Journals other than the one in use that hold changes in force, or may: root's, which others cannot read, and, for
 * root, those of the machine's users. What is in force concerns the whole machine, whoever staged it.
 */
export function otherJournals(own: string = changeDir()): readonly OtherJournal[] {
  const roots = join(rootStateDir(), 'change');
  const isRoot = process.geteuid?.() === 0;
  const users = homes().map(({ owner, home }) => ({
    owner,
    dir: join(home, '.local/state/tunesmith/change'),
  }));
  const places = [{ owner: 'root', dir: roots }, ...(isRoot ? users : [])];
  const seen = new Set([own]);
  return places.flatMap(({ owner, dir }) => {
    if (seen.has(dir)) return [];
    seen.add(dir);
    const open = openIn(dir);
    return open === undefined || open?.length === 0 ? [] : [{ dir, owner, open }];
  });
}

const quotedState = (dir: string): string => dir.replace(/\/tunesmith\/change$/, '');

/** One sentence for a person, with what to type: `what` is the rest of a command, such as `panic`. */
export function elsewhereText({ dir, owner, open }: OtherJournal, what: string): string {
  if (open === null)
    return `the journal of ${owner}, ${dir}, cannot be read as this user: whether anything of it is in force is not known; sudo tunesmith ${what}`;
  const list = `${open.slice(0, 5).join(', ')}${open.length > 5 ? ', …' : ''}`;
  const command =
    owner === 'root'
      ? `XDG_STATE_HOME=${quotedState(dir)} tunesmith ${what}`
      : `runuser -u ${owner} -- tunesmith ${what}`;
  return `${list} of another journal, ${dir} of ${owner}, ${open.length === 1 ? 'is' : 'are'} in force too: ${command}`;
}
