import { createHash } from 'node:crypto';
import { TunesmithError } from '../errors.js';
import { formatSettings } from '../knobs/format.js';
import { shown } from '../shown.js';
import type { Call } from './call.js';

/** Longest question that is put to a person, in characters. */
export const LONGEST_SUMMARY = 2000;
/** A text argument that is longer, such as a source, is named by its length and hash. */
const LONGEST_TEXT = 200;
/** Of the caller's own reason, which does nothing, so much is shown. */
const LONGEST_REASON = 200;

const brief = (value: unknown): unknown =>
  typeof value === 'string' && value.length > LONGEST_TEXT
    ? `${value.length} characters, sha256 ${createHash('sha256').update(value).digest('hex')}`
    : value;

/** What else was given, but for what is told in words already and the right to a change. */
function others(args: Readonly<Record<string, unknown>>, { values = {} }: Call): string {
  const told = new Set([
    'policy',
    'values',
    'tunables',
    'scope',
    'reason',
    'change_token',
    ...Object.keys(values),
  ]);
  const rest = Object.entries(args).filter(([name, value]) => !told.has(name) && value !== undefined);
  return rest.length === 0
    ? ''
    : JSON.stringify(Object.fromEntries(rest.map(([name, value]) => [name, brief(value)])));
}

/** The change that a token is for; the token itself is a right, and is shown to nobody. */
const changeOf = (token: unknown): string => {
  const n = /^(?:chg_|c)([1-9]\d{0,14})(?:_|$)/.exec(String(token))?.[1];
  return n === undefined ? '' : `change c${n}`;
};

/**
 * A call in words for the person who decides on it: whatever it would do is in there whole, for who approves what was
 * cut off approves what they have not seen.
 * @throws TunesmithError (rejected) for a call that cannot be told in `LONGEST_SUMMARY` characters
 */
export function summaryOf(call: Call, args: Readonly<Record<string, unknown>>): string {
  const { tool, caller, policy, values, scope } = call;
  const what = [
    changeOf(args.change_token),
    policy === undefined ? '' : `policy ${policy}`,
    values === undefined ? '' : formatSettings(values),
    scope === undefined ? '' : `on ${scope}`,
    others(args, call),
  ].filter((part) => part !== '');
  const summary = shown(`${caller} wants to call ${tool}: ${what.join(' ')}`, Number.POSITIVE_INFINITY);
  if (summary.length > LONGEST_SUMMARY)
    throw new TunesmithError(
      'rejected',
      'this call needs a person’s leave and is too long to be shown to one',
      {
        hint: `name fewer processes or CPUs, or a shorter path: it has ${summary.length} characters, ${LONGEST_SUMMARY} can be shown`,
      },
    );
  return args.reason === undefined
    ? summary
    : `${summary}, because: ${shown(String(args.reason), LONGEST_REASON)}`;
}
