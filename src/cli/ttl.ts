import { TTL_MS } from '../change/request.js';
import { usageError } from '../errors.js';
import { parsePositiveDuration } from '../units.js';

/** ms from `--ttl`. @throws TunesmithError (usage) outside what a change may have */
export function ttlFrom(text: string): number {
  const ms = parsePositiveDuration(text, '--ttl') / 1e6;
  if (Number.isInteger(ms) && ms >= TTL_MS.least && ms <= TTL_MS.most) return ms;
  throw usageError('--ttl', text, 'must be whole ms from 1s to 24h', 'what is to stay longer is committed');
}
