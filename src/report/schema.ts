import { z } from 'zod';
import { resultSchema } from '../loop/result.js';

/** The JSON Schema (draft 2020-12) of `result.json`, made from the schema that checks it. */
export function resultJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(resultSchema), title: 'Tunesmith tuning run' };
}
