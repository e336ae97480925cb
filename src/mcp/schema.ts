import { z } from 'zod';

export type JsonSchema = { [key: string]: unknown };

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Said of every integer, and never what is meant. */
const isNoise = (key: string, value: unknown): boolean =>
  key === '$schema' ||
  key === 'propertyNames' ||
  (key === 'format' && value !== 'date-time') ||
  ((key === 'minimum' || key === 'maximum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER);

function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain);
  if (!isSchema(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !isNoise(key, value))
      .map(([key, value]) => [
        key,
        key === 'properties' && isSchema(value)
          ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
          : key === 'default' || key === 'enum'
            ? value
            : plain(value),
      ]),
  );
}

/**
 * A schema as clients get it: JSON Schema 2020-12 (what MCP takes an unmarked schema for), no format but date-time, and
 * none of the words that providers refuse in the schema of a function. What these words said is checked here anyway.
 */
export const plainSchema = (schema: z.ZodObject, io: 'input' | 'output'): JsonSchema =>
  plain(z.toJSONSchema(schema, { io })) as JsonSchema;
