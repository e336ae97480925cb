import type { McpServer, StandardSchemaWithJSON, ToolAnnotations } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { listedName } from './names.js';
import { type Desk, perform } from './perform.js';
import { plainSchema } from './schema.js';
import type { Effect, Tool } from './tool.js';

/** Hints for clients; what counts is decided by the rules. Of a tool that only reads, the other hints say nothing. */
const ANNOTATIONS: Readonly<Record<Effect, ToolAnnotations>> = {
  read: { readOnlyHint: true, openWorldHint: false },
  observe: { readOnlyHint: true, openWorldHint: false },
  lab: { readOnlyHint: true, openWorldHint: false },
  stage: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  keep: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  revert: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
};

/**
 * A schema as the SDK lists it, with nothing checked there: arguments are checked where a wrong one can be answered
 * with field, rule and way out, and results where they are made.
 */
function listedOnly(schema: z.ZodObject): StandardSchemaWithJSON {
  const json = plainSchema(schema, 'input');
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
const listed = new WeakMap<Tool, StandardSchemaWithJSON>();

function inputOf(tool: Tool): StandardSchemaWithJSON {
  const known = listed.get(tool);
  if (known) return known;
  const made = listedOnly(tool.input);
  listed.set(tool, made);
  return made;
}

/** What `tools/list` says of a tool. */
export const annotationsOf = ({ effect }: Tool): ToolAnnotations => ANNOTATIONS[effect];

/**
 * Lists a tool, without its output schema: those of all tools are three times as long as all else that `tools/list`
 * says, and every client sends the list to its model. They are resources instead, `schemas://NAME`.
 */
export function registerTool(server: McpServer, tool: Tool, desk: Desk): void {
  const { name, title, description } = tool;
  server.registerTool(
    listedName(name),
    { title, description, inputSchema: inputOf(tool), annotations: annotationsOf(tool) },
    (args, ctx) => perform(tool, args, desk, ctx),
  );
}
