import type { Manifest } from './manifest.js';
import { tunableProblems } from './tunables.js';

/** Something a contributor has to mend before a policy can be taken; what is only unfinished does not stop a check. */
export interface ManifestProblem {
  readonly message: string;
  readonly isUnfinished: boolean;
  /** The way out; without one, that of every manifest. */
  readonly hint?: string;
}

const TODO = /\bTODO\b/;

/** The fields of a manifest whose text says TODO, as a path: suits[0].why. */
function todoFields(value: unknown, path = ''): string[] {
  if (typeof value === 'string') return TODO.test(value) ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((item, i) => todoFields(item, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [
    ...(TODO.test(name) ? [`${path}.${name}`.replace(/^\./, '')] : []),
    ...todoFields(item, path === '' ? name : `${path}.${name}`),
  ]);
}

/** What is left to be written, and where. */
function unfinished(manifest: Manifest, source: string): ManifestProblem[] {
  const fields = todoFields(manifest);
  const lines = source.split('\n').flatMap((line, i) => (TODO.test(line) ? [i + 1] : []));
  const problem = (message: string, hint: string): ManifestProblem => ({ message, isUnfinished: true, hint });
  return [
    ...(fields.length === 0
      ? []
      : [
          problem(
            `policy.json still says TODO: ${fields.join(', ')}`,
            `write ${fields.length === 1 ? 'it' : 'them'}; \`tunesmith schema manifest\` says what belongs there`,
          ),
        ]),
    ...(lines.length === 0
      ? []
      : [
          problem(
            `the source still says TODO: line${lines.length === 1 ? '' : 's'} ${lines.join(', ')}`,
            'write what is missing there, or take the mark away',
          ),
        ]),
  ];
}

/** Where policy.json and the source differ, and what is left to be written. Empty when nothing is. */
export function manifestProblems(manifest: Manifest, source: string): ManifestProblem[] {
  const wrong = tunableProblems(manifest, source);
  if (!source.includes(`.name = "${manifest.name}"`))
    wrong.push(`the ops table’s name is not "${manifest.name}", the policy’s`);
  for (const need of manifest.kernelNeeds)
    if (!source.includes(need.replace(/^ops\./, '.')))
      wrong.push(`kernelNeeds names ${need}, which the source does not use`);
  return [...wrong.map((message) => ({ message, isUnfinished: false })), ...unfinished(manifest, source)];
}
