import { usageError } from '../errors.js';
import { nearHint } from '../near.js';
import { WORKLOADS } from '../workloads/index.js';
import type { Policy } from './catalogue.js';
import { type Manifest, PROPERTIES, type Property } from './manifest.js';

/** What to look for; all of it must fit. */
export interface Search {
  /** Words or beginnings of words, in the name, the summary, the algorithm, or what it suits. */
  readonly words?: readonly string[];
  /** A workload of the lab that it claims to suit. */
  readonly workload?: string;
  readonly property?: string;
}

const textOf = ({ name, summary, algorithm, suits, properties }: Manifest): string =>
  [name, summary, algorithm, ...suits.map(({ what }) => what), ...properties]
    .join(' ')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_]+/gu, ' ');

function known(field: string, value: string, names: readonly string[]): void {
  if (!names.includes(value)) throw usageError(field, value, 'is not known', nearHint(value, names));
}

/**
 * The policies that fit; all of them when nothing is looked for.
 * @throws TunesmithError (usage) for a workload or a property there is not.
 */
export function searchPolicies(policies: readonly Policy[], search: Search): Policy[] {
  const { words = [], workload, property } = search;
  if (workload !== undefined) known('--workload', workload, Object.keys(WORKLOADS));
  if (property !== undefined) known('--property', property, Object.keys(PROPERTIES));
  return policies.filter(({ manifest }) => {
    const text = textOf(manifest);
    return (
      words.every((word) => ` ${text}`.includes(` ${word.toLowerCase()}`)) &&
      (workload === undefined || manifest.suits.some((fit) => fit.workload === workload)) &&
      (property === undefined || manifest.properties.includes(property as Property))
    );
  });
}
