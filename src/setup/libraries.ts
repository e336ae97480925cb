import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** Shared libraries that a program would not find, by name, when a private root's own are searched first. */
export async function missingLibraries(program: string, root: string): Promise<string[]> {
  const done = await execa('ldd', [program], {
    reject: false,
    env: { LC_ALL: 'C', LD_LIBRARY_PATH: libraryPath(root) },
  });
  return [...done.stdout.matchAll(/^\s*(\S+) => not found$/gm)].flatMap((match) => match[1] ?? []);
}

/** The library directories of a root that packages were unpacked to, for LD_LIBRARY_PATH. */
export function libraryPath(root: string): string {
  const homes = [join(root, 'usr/lib'), join(root, 'lib')].filter((home) => existsSync(home));
  const directories = homes.flatMap((home) => readdirSync(home).map((name) => join(home, name)));
  return directories.filter((path) => path.includes('-linux-gnu')).join(':');
}
