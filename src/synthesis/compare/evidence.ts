import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Evidence, evidenceSchema } from '../../verify/evidence-schema.js';
import { type Lineage, lineageSchema } from '../folder/lineage.js';

/** A policy's kept trials, by workload and kernel; files that are none are left out. */
export function evidenceIn(dir: string): Evidence[] {
  const home = join(dir, 'evidence');
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const parsed = evidenceSchema.safeParse(jsonOf(join(home, name)));
      return parsed.success ? [parsed.data] : [];
    })
    .sort((a, b) => (`${a.workload} ${a.kernel}` < `${b.workload} ${b.kernel}` ? -1 : 1));
}

/** Where a synthesized policy comes from; null for any other. */
export function lineageIn(dir: string): Lineage | null {
  const path = join(dir, 'lineage.json');
  if (!existsSync(path)) return null;
  const parsed = lineageSchema.safeParse(jsonOf(path));
  return parsed.success ? parsed.data : null;
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
