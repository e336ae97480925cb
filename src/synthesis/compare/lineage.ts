import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readFolderFile } from '../../policies/folder-file.js';
import { type Lineage, lineageSchema } from '../folder/lineage.js';

/** Where a synthesized policy comes from; null for any other. @throws TunesmithError (usage) for a broken file. */
export function lineageIn(dir: string): Lineage | null {
  const path = join(dir, 'lineage.json');
  if (!existsSync(path)) return null;
  return readFolderFile(path, lineageSchema, {
    what: 'lineage',
    hint: 'remove it, or synthesize the policy again',
  });
}
