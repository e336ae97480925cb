import { createHash } from 'node:crypto';
import type { Item, Preview } from '../change/types.js';
import { formatSettings } from '../knobs/format.js';
import { shellWord } from '../shell.js';

/** A change that was thought through and not made. */
export interface Advice {
  /** The same for the same values, scope and values in force, so one that was seen can be ignored. */
  readonly id: string;
  readonly scope: string;
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  readonly reasons: readonly string[];
  /** What a person types to make it. */
  readonly apply: string;
  /** What a person types to take it back, with nothing but a shell. */
  readonly undo: string;
}

const sorted = (values: Readonly<Record<string, number>>) =>
  Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));

/** How one item is put back by hand. */
const undoItem = ({ kind, place, before, knob }: Item): string =>
  kind === 'file'
    ? `echo ${shellWord(before)} | tee ${shellWord(place)}`
    : `: ${knob} of task ${place.split(':')[0]} is put back by tunesmith change revert`;

const adviceId = (subject: readonly unknown[]): string =>
  `adv_${createHash('sha256').update(JSON.stringify(subject)).digest('hex').slice(0, 12)}`;

/** A policy that could be put in force: it was compiled for this kernel, and its verifier let it pass. */
export function policyAdvice(
  { scope, after, warnings }: Preview,
  policy: string,
  reasons: readonly string[],
): Omit<Advice, 'before' | 'after' | 'reasons'> & {
  before: Record<string, number>;
  after: Record<string, number>;
  reasons: string[];
} {
  const tunables = sorted(after).map(([name, value]) => ` --tunable ${name}=${value}`);
  return {
    id: adviceId([scope, policy, sorted(after)]),
    scope,
    before: {},
    after: { ...after },
    reasons: [...reasons, ...warnings],
    apply: `tunesmith policy apply ${policy}${tunables.join('')}`,
    undo: 'tunesmith policy revert',
  };
}

export function adviceOf(preview: Preview, reasons: readonly string[]): Advice {
  const { scope, before, after, items } = preview;
  const sets = formatSettings(after)
    .split(' ')
    .map((pair) => `--set ${pair}`)
    .join(' ');
  return {
    id: adviceId([scope, sorted(before), sorted(after)]),
    scope,
    before,
    after,
    reasons: [...reasons, ...preview.warnings],
    apply: `tunesmith change stage ${sets}${scope === 'machine' ? '' : ` --scope ${shellWord(scope)}`}`,
    undo: items.map(undoItem).join('; '),
  };
}
