import { usageError } from '../../errors.js';

/** A study's profile by name. @throws TunesmithError (usage) naming --profile */
export function profileOf<P>(profiles: Readonly<Record<string, P>>, name: string): P {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile === undefined)
    throw usageError('--profile', name, 'is not known', `use ${Object.keys(profiles).join(' or ')}`);
  return profile;
}
