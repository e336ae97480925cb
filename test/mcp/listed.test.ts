/** What `tools/list` says, as strict validators, model providers and contexts take it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listedName, nameMeant } from '../../src/mcp/names.js';
import { annotationsOf } from '../../src/mcp/register.js';
import { type JsonSchema, plainSchema } from '../../src/mcp/schema.js';
import { calledAs, TOOLS } from '../../src/mcp/tools/index.js';

const judges = createRequire(join(import.meta.dirname, '../judges/package.json'));
const Ajv2020 = judges('ajv/dist/2020.js').default as new (
  options: object,
) => {
  compile(schema: object): (value: unknown) => boolean;
  validateSchema(schema: object): boolean;
};
const listed = TOOLS.map((tool) => ({
  name: listedName(tool.name),
  title: tool.title,
  description: tool.description,
  inputSchema: plainSchema(tool.input, 'input'),
  annotations: annotationsOf(tool),
}));

/** Every schema within a schema, and how deep. */
function* within(schema: JsonSchema, depth = 0): Generator<{ schema: JsonSchema; depth: number }> {
  yield { schema, depth };
  const children = [
    ...Object.values((schema.properties ?? {}) as Record<string, JsonSchema>),
    ...(schema.items ? [schema.items as JsonSchema] : []),
    ...((schema.anyOf ?? []) as JsonSchema[]),
    ...(typeof schema.additionalProperties === 'object' ? [schema.additionalProperties as JsonSchema] : []),
  ];
  for (const child of children) yield* within(child, depth + 1);
}

/** Words that Gemini, OpenAI and Anthropic all take in the schema of a function (besides what a root may have). */
const TAKEN = new Set(
  'type description properties required additionalProperties items enum default minimum maximum minItems maxItems minLength maxLength pattern format anyOf'.split(
    ' ',
  ),
);

describe.each(listed)('$name', ({ name, description, inputSchema }) => {
  it('has a name that every client takes', () => {
    expect(name).toMatch(/^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/);
    expect(description.length).toBeLessThan(1024);
  });

  it('takes arguments by a schema that Ajv’s strict mode compiles', () => {
    const ajv = new Ajv2020({ strict: true, strictTypes: true, strictTuples: true, validateFormats: true });
    expect(ajv.validateSchema(inputSchema)).toBe(true);
    expect(ajv.compile(inputSchema)({ 'no such argument': 1 })).toBe(false);
  });

  it('gives what a schema describes that Ajv’s strict mode compiles too', () => {
    const tool = TOOLS.find((candidate) => listedName(candidate.name) === name);
    if (!tool) throw new Error(name);
    new Ajv2020({ strict: true, allowUnionTypes: true }).compile(plainSchema(tool.output, 'output'));
  });

  it('stays within what model providers take', () => {
    expect(inputSchema.type).toBe('object');
    expect(
      Object.keys(inputSchema).filter(
        (key) => !['type', 'properties', 'required', 'additionalProperties'].includes(key),
      ),
    ).toEqual([]);
    let properties = 0;
    for (const { schema, depth } of within(inputSchema)) {
      expect(Object.keys(schema).filter((key) => !TAKEN.has(key))).toEqual([]);
      expect(depth).toBeLessThanOrEqual(5);
      if (!schema.anyOf) expect(schema.type).toMatch(/^(object|array|string|number|integer|boolean)$/);
      if (schema.type === 'array') expect(schema.items).toBeTypeOf('object');
      if (schema.enum)
        expect((schema.enum as unknown[]).every((value) => typeof value === 'string')).toBe(true);
      if (schema.format !== undefined) expect(schema.format).toBe('date-time');
      const names = Object.keys((schema.properties ?? {}) as object);
      properties += names.length;
      for (const property of names) expect(property).toMatch(/^[a-z_]{1,64}$/);
      for (const needed of (schema.required ?? []) as string[]) expect(names).toContain(needed);
    }
    expect(properties).toBeLessThanOrEqual(100);
  });
});

it('is at most 6,000 tokens long, at four bytes a token', () => {
  expect(Buffer.byteLength(JSON.stringify({ tools: listed }))).toBeLessThanOrEqual(24_000);
});

it('means one tool by each spelling there ever was', () => {
  expect(new Set(listed.map(({ name }) => name)).size).toBe(TOOLS.length);
  for (const { name } of TOOLS) {
    const slashed = name.replace(/\.(?=[^.]*$)/, '/');
    for (const spelling of [name, slashed, listedName(name)])
      expect(calledAs(spelling)).toBe(listedName(name));
  }
  expect(nameMeant('os.scheduler/commit_cfs_params')).toBe('os_scheduler_commit_params');
  expect(nameMeant('os.scheduler/revert_cfs_params')).toBe('os_scheduler_revert_params');
  expect(calledAs('os.shell')).toBe('os.shell');
  expect(calledAs('.'.repeat(100_000))).toBe('.'.repeat(100_000));
});
