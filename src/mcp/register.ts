import type { McpServer, StandardSchemaWithJSON, ToolAnnotations } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { type Desk, perform } from './perform.js';
import type { Effect, Tool } from './tool.js';

/** Hints for clients; what counts is decided by the rules. */
const ANNOTATIONS: Readonly<Record<Effect, ToolAnnotations>> = {
  read: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  observe: { readOnlyHint: true, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  lab: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  stage: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  keep: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  revert: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
};

/**
 * A schema as the SDK lists it, with nothing checked there: arguments are checked where a wrong one can be answered
 * with field, rule and way out, and results where they are made.
 */
function listedOnly(schema: z.ZodObject, io: 'input' | 'output'): StandardSchemaWithJSON {
  const json = z.toJSONSchema(schema, { io }) as Record<string, unknown>;
  return {
    '~standard': {
      version: 1,
      vendor: 'tunesmith',
      validate: (value: unknown) => ({ value }),
      jsonSchema: { input: () => json, output: () => json },
    },
  } as StandardSchemaWithJSON;
}

/** Schemas are made once: a server may be made for every request. */
const listed = new WeakMap<Tool, { input: StandardSchemaWithJSON; output: StandardSchemaWithJSON }>();

function schemasOf(tool: Tool) {
  const known = listed.get(tool);
  if (known) return known;
  const made = { input: listedOnly(tool.input, 'input'), output: listedOnly(tool.output, 'output') };
  listed.set(tool, made);
  return made;
}

/** What `tools/list` says of a tool. */
export const annotationsOf = ({ effect }: Tool): ToolAnnotations => ANNOTATIONS[effect];

export function registerTool(server: McpServer, tool: Tool, desk: Desk): void {
  const { name, title, description } = tool;
  const { input, output } = schemasOf(tool);
  server.registerTool(
    name,
    { title, description, inputSchema: input, outputSchema: output, annotations: annotationsOf(tool) },
    (args, ctx) => perform(tool, args, desk, ctx),
  );
}
