import type { Target } from '../change/target.js';
import { messageOf, TunesmithError } from '../errors.js';

/**
 * Puts a target's defaults in force; when it cannot, closes it, which has to restore them too.
 * @param failing whether an earlier failure is about to be reported; a later one must not hide it
 * @throws TunesmithError (internal) when neither works and nothing failed before
 */
export async function putDefaultsBack(target: Target, failing: boolean): Promise<void> {
  try {
    await target.apply({});
  } catch {
    try {
      await target.close();
    } catch (error) {
      if (failing) return;
      throw new TunesmithError(
        'internal',
        `${target.name}: the defaults could not be put back: ${messageOf(error)}`,
        {
          hint: 'run `tunesmith panic` if this is the host; a lab guest is gone with its process',
          cause: error,
        },
      );
    }
  }
}
