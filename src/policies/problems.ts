import type { Manifest } from './manifest.js';
import { tunableProblems } from './tunables.js';

/** Something a contributor has to mend before a policy can be taken; what is only unfinished does not stop a check. */
export interface ManifestProblem {
  readonly message: string;
  readonly isUnfinished: boolean;
}

/** Where policy.json and the source differ, and what is left to be written. Empty when nothing is. */
export function manifestProblems(manifest: Manifest, source: string): ManifestProblem[] {
  const wrong = tunableProblems(manifest, source);
  if (!source.includes(`.name = "${manifest.name}"`))
    wrong.push(`the ops table’s name is not "${manifest.name}", the policy’s`);
  for (const need of manifest.kernelNeeds)
    if (!source.includes(need.replace(/^ops\./, '.')))
      wrong.push(`kernelNeeds names ${need}, which the source does not use`);
  const unfinished = Object.entries({ 'policy.json': JSON.stringify(manifest), 'the source': source })
    .filter(([, text]) => /\bTODO\b/.test(text))
    .map(([where]) => `${where} still says TODO`);
  return [
    ...wrong.map((message) => ({ message, isUnfinished: false })),
    ...unfinished.map((message) => ({ message, isUnfinished: true })),
  ];
}
