import { TunesmithError } from '../../src/errors.js';

/** The error that `action` throws; fails the test when it throws none, or none of ours. */
export function thrown(action: () => unknown): TunesmithError {
  try {
    action();
  } catch (error) {
    if (error instanceof TunesmithError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
