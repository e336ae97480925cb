import { usageError } from '../../errors.js';
import type { ModelSettings } from '../../tuners/llm/settings.js';

/** What a caller may say of a study. */
export interface StudyOptions {
  readonly profile: string;
  /** Tuner seeds; left out, the profile's. */
  readonly seeds?: number | undefined;
  /** Windows of each run, the default's included; left out, the profile's. */
  readonly cycles?: number | undefined;
  /** Length of a window, ns; left out, the profile's. */
  readonly windowNs?: number | undefined;
  /** Whom the rows of a model ask; left out, nobody, and those rows say so. */
  readonly models?: ModelSettings | undefined;
  /** A file with somebody's choices; left out, there is no figure of a person. */
  readonly trace?: string | undefined;
}

/** What of a profile a caller may say otherwise. */
interface Plan {
  readonly cycles: number;
  readonly windowNs: number;
  readonly seeds: number;
}

/** A study's profile by name, with what was asked for in its place. @throws TunesmithError (usage) naming --profile */
export function planOf<P extends Plan>(
  profiles: Readonly<Record<string, P>>,
  { profile, cycles, windowNs, seeds }: StudyOptions,
): P {
  const plan = Object.hasOwn(profiles, profile) ? profiles[profile] : undefined;
  if (plan === undefined)
    throw usageError('--profile', profile, 'is not known', `use ${Object.keys(profiles).join(' or ')}`);
  return {
    ...plan,
    cycles: cycles ?? plan.cycles,
    windowNs: windowNs ?? plan.windowNs,
    seeds: seeds ?? plan.seeds,
  };
}
