import { createHash } from 'node:crypto';
import { canonical } from '../canonical.js';
import type { KnobValues } from '../knobs/types.js';

/**
 * A short name of what is in force: the same for the same values and policy, 16 hexadecimal digits.
 * @param knobs in each knob's unit, in any order
 * @param policy what identifies the sched_ext policy; null for the kernel's own scheduler
 */
export const inForceHash = (knobs: KnobValues, policy: string | null): string =>
  createHash('sha256').update(canonical({ knobs, policy })).digest('hex').slice(0, 16);
