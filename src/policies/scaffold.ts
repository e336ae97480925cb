import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../errors.js';
import { makeDirs } from '../state.js';
import { MANIFEST, POLICIES, readPolicy, SOURCE } from './catalogue.js';
import { type Manifest, NAME } from './manifest.js';

/** What a new policy begins as: sound, and with every part that most need. */
const MODEL = 'vtime';

/** The model's source under another name, its doc comment replaced by questions. */
function sourceFor(name: string): string {
  const model = readFileSync(join(POLICIES, MODEL, SOURCE), 'utf8');
  const head = [
    '/*',
    ' * TODO: the idea in one sentence.',
    ' *',
    ' * TODO: what this shows, and how it decides. It begins as weighted virtual time in one queue.',
    ' *',
    ' * TODO: where it works well, and where it does not.',
    ' */',
  ].join('\n');
  // Its callbacks and its name, and not the header's vtime_before() and vtime_clamp().
  const own = new RegExp(`\\b${MODEL}(?=_(?!before|clamp)|")`, 'g');
  return model.replace(/\/\*[\s\S]*?\*\//, head).replaceAll(own, name);
}

function manifestFor(name: string): Manifest {
  const { manifest } = readPolicy(join(POLICIES, MODEL));
  return {
    ...manifest,
    name,
    version: '0.1.0',
    summary: 'TODO: the idea in one line',
    algorithm: 'TODO: how it decides, in a few sentences',
    suits: [
      {
        what: 'TODO: a load that gains; name a workload of the lab where there is one like it',
        workload: 'wakeup',
      },
    ],
    doesNotSuit: [{ what: 'TODO: a load that loses', workload: 'mixed' }],
    author: 'TODO: your name',
  };
}

/**
 * Makes a directory with a policy that works, to be changed. Returns its path.
 * @throws TunesmithError (usage) for a name that cannot be one, or is taken.
 */
export function scaffoldPolicy(name: string, home: string): string {
  if (!NAME.test(name))
    throw usageError(
      'name',
      name,
      'is no name for a policy',
      'small letters, digits and _, beginning with a letter, at most 31',
    );
  const dir = join(home, name);
  if (existsSync(dir))
    throw usageError('name', name, `is taken: ${dir} is there`, 'choose another, or remove it');
  makeDirs(dir);
  writeFileSync(join(dir, SOURCE), sourceFor(name));
  writeFileSync(join(dir, MANIFEST), `${JSON.stringify(manifestFor(name), null, 2)}\n`);
  return dir;
}
