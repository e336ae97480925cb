import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, usageError } from '../errors.js';

/**
 * A JSON file of a policy's directory. `what` it must be and the way out are words for the error.
 * @throws TunesmithError (usage) naming the file and what is wrong in it, field by field.
 */
export function readFolderFile<T>(
  path: string,
  schema: z.ZodType<T>,
  { what, hint }: { readonly what: string; readonly hint: string },
): T {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw usageError('policy', path, `is no ${what}: ${why}`, hint);
  }
}
