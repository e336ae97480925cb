import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TunesmithError } from '../../errors.js';
import { agentPath } from '../../native.js';
import { fileEntry, treeEntries } from '../closure.js';
import type { Entry } from '../cpio.js';

/** This project on this machine, and where a functional guest finds it. */
export const PROJECT_ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const GUEST_ROOT = '/tunesmith';

/** What a package is run from; its sources, types and documents stay out of the image. */
const RUNNABLE = new Set(['.js', '.cjs', '.mjs', '.json', '.node', '.wasm', '.css']);

/** Needed to install or build packages, not to run them. */
const BUILD_ONLY = new Set(['prebuild-install', 'node-addon-api']);

const dependenciesOf = (home: string): string[] => {
  const { dependencies = {} } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  return Object.keys(dependencies).filter((name) => !BUILD_ONLY.has(name));
};

/** The directory Node would take package `name` from, for code in `from`. */
function packageHome(name: string, from: string): string {
  for (let dir = from; ; dir = dirname(dir)) {
    const home = join(dir, 'node_modules', name);
    if (existsSync(join(home, 'package.json'))) return home;
    if (dir === dirname(dir))
      throw new TunesmithError('incapable', `the package ${name} is not installed beside ${from}`, {
        hint: 'run `npm run setup`',
      });
  }
}

/** Directories of every package the project needs at run time, the project's own not among them. */
export function runtimePackages(root = PROJECT_ROOT): string[] {
  const homes = new Set<string>();
  const visit = (from: string): void => {
    for (const name of dependenciesOf(from)) {
      const home = packageHome(name, from);
      if (homes.has(home)) continue;
      homes.add(home);
      visit(home);
    }
  };
  visit(root);
  return [...homes].sort();
}

/** A directory of the project, when it is there; the same below GUEST_ROOT. */
const projectTree = (name: string): Entry[] => {
  const home = join(PROJECT_ROOT, name);
  return existsSync(home) ? treeEntries(home, join(GUEST_ROOT, name)) : [];
};

/** Compiled native add-ons among the project's files: their libraries are needed too. */
export const addonsAmong = (entries: readonly Entry[]): string[] =>
  entries
    .filter(({ path }) => path.endsWith('.node'))
    .map(({ path }) => join(PROJECT_ROOT, path.slice(GUEST_ROOT.length)));

/**
 * The built project as a user of this machine has it: dist/, its part of prebuilds/, bpf/, policies/ and the packages it runs on.
 * @throws TunesmithError (incapable) when a part has not been built or installed.
 */
export function projectEntries(): Entry[] {
  agentPath(); // says what to do when nothing native is built
  const own = ['dist', `prebuilds/linux-${process.arch}`, 'bpf', 'policies'].flatMap(projectTree);
  const packages = runtimePackages().flatMap((home) =>
    treeEntries(home, join(GUEST_ROOT, home.slice(PROJECT_ROOT.length))),
  );
  const isRunnable = ({ path }: Entry): boolean => RUNNABLE.has(extname(path));
  const notes = ({ path }: Entry): boolean => path.endsWith('.map') || path.endsWith('.d.ts');
  return [
    fileEntry({ source: join(PROJECT_ROOT, 'package.json'), path: join(GUEST_ROOT, 'package.json') }),
    ...own.filter((entry) => !notes(entry)),
    ...packages.filter(isRunnable),
  ];
}
