import { usageError } from '../../errors.js';
import { declaredTunables } from '../../policies/tunables.js';

/**
 * A source with other defaults: what a loader would set is what it is without being set.
 * @throws TunesmithError (usage) naming a tunable that the source does not declare on a line of its own.
 */
export function withDefaults(source: string, tunables: Readonly<Record<string, number>>): string {
  const lines = source.split('\n');
  const declared = new Map(declaredTunables(source).map((one) => [one.name, one]));
  for (const [name, value] of Object.entries(tunables)) {
    const at = declared.get(name);
    if (at === undefined)
      throw usageError('tunable', name, 'is not in the source', 'see `policy show genes`');
    lines[at.line - 1] = (lines[at.line - 1] as string).replace(/( = [^;]+)?;/, () => ` = ${value};`);
  }
  return lines.join('\n');
}

/** A source in which that tunable is a plain constant, for it can be nothing else. */
export const withConstant = (source: string, name: string): string =>
  source.replace(new RegExp(`^const volatile (\\w+ ${name}\\b)`, 'm'), 'static const $1');
