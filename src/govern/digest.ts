import { createHash } from 'node:crypto';
import { canonical } from '../canonical.js';

/** What an approval is for: this caller, this tool, these arguments. */
export const digestOf = (caller: string, tool: string, args: unknown): string =>
  createHash('sha256')
    .update(canonical([caller, tool, args]))
    .digest('hex');
