import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** Who imports whom: a file below `src` by its path there, and the files its import statements name. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Every form of import there is, type imports included: they bind files together just as well. */
const IMPORT = /(?:^|\s)(?:from|import)\s*\(?\s*'(\.[^']*)'/g;

/** The files a source imports, as paths below the root; the compiler's `.js` is the source's `.ts`. */
export const importsIn = (file: string, source: string): string[] =>
  [...source.matchAll(IMPORT)].map((match) =>
    normalize(join(dirname(file), match[1] as string)).replace(/\.js$/, '.ts'),
  );

export function graphOf(root: string): Graph {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
  return new Map(files.map((file) => [file, importsIn(file, readFileSync(join(root, file), 'utf8'))]));
}

/** `lab/gate.ts` is of `lab`; `units.ts`, at the top, of `units`. */
const partOf = (file: string): string => (file.split('/')[0] as string).replace(/\.ts$/, '');

/** What is wrong with a graph's directions: imports of a higher layer, of no layer, and of no file. */
export function misdirected(graph: Graph, layers: readonly (readonly string[])[]): string[] {
  const heightOf = (file: string) => layers.findIndex((parts) => parts.includes(partOf(file)));
  return [...graph].flatMap(([file, imports]) => {
    if (heightOf(file) < 0) return [`${file} is in no layer of the house`];
    return imports.flatMap((imported) => {
      if (!graph.has(imported)) return [`${file} imports ${imported}, which does not exist`];
      if (heightOf(imported) < heightOf(file)) return [`${file} imports ${imported}, which is above it`];
      return [];
    });
  });
}

/** Import circles, each once, as the way round: `a.ts → b.ts → a.ts`. */
export function circles(graph: Graph): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) found.push([...trail.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    for (const imported of graph.get(file) ?? []) walk(imported, [...trail, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return found;
}
