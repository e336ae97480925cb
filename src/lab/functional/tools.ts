import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { treeEntries } from '../closure.js';
import type { Entry } from '../cpio.js';

const text = (path: string, mode: number, body: string): Entry => ({
  kind: 'file',
  path,
  mode,
  body: Buffer.from(body),
});

/** What tests and a person at the console reach for; a tool this machine lacks is left out. */
const TOOLS = `
  bash sh env printenv true false test echo printf expr seq yes sleep date which xargs nohup
  cat head tail tee tac wc sort uniq cut paste comm tr grep sed awk od diff cmp less sha256sum
  ls find mkdir rmdir rm cp mv ln chmod chown touch stat readlink realpath dirname basename mktemp dd
  ps top kill pgrep nice renice timeout setsid setpriv taskset chrt nproc lscpu
  uname tty id free df mount umount dmesg sysctl stty clear ip bpftool`
  .trim()
  .split(/\s+/);

const PLACES = ['/usr/bin', '/usr/sbin', '/bin', '/sbin'];

export const findTool = (name: string, places: readonly string[] = PLACES): string | undefined =>
  places.map((place) => join(place, name)).find((path) => existsSync(path));

/** Paths on this machine of the tools it has. */
export const toolsHere = (): string[] => TOOLS.flatMap((name) => findTool(name) ?? []);

/** Descriptions of terminals, for programs that draw. */
export const terminals = (): Entry[] =>
  ['/lib/terminfo', '/usr/lib/terminfo']
    .filter((home) => existsSync(home))
    .slice(0, 1)
    .flatMap((home) => treeEntries(home, '/usr/lib/terminfo'));

/** Makes `tunesmith` a command of the guest. */
export const command = (guestRoot: string): Entry =>
  text('/usr/bin/tunesmith', 0o755, `#!/bin/sh\nexec node ${guestRoot}/dist/cli/main.js "$@"\n`);
