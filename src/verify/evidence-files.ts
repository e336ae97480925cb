import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readFolderFile } from '../policies/folder-file.js';
import { type Evidence, evidenceSchema } from './evidence-schema.js';

/** What is known of a policy, by its directory: workload by workload. @throws TunesmithError (usage) for a broken file. */
export function evidenceIn(dir: string): Evidence[] {
  const home = join(dir, 'evidence');
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .filter((file) => file.endsWith('.json'))
    .map((file) =>
      readFolderFile(join(home, file), evidenceSchema, {
        what: 'evidence',
        hint: 'remove it; `tunesmith policy trial` measures it again',
      }),
    )
    .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

const placeOf = ({ workload, kernel }: Evidence): string => `${workload} ${kernel}`;
