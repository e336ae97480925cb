/** What the conformance suite wants to find on a server, by its names. Only tests mount it. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  completable,
  fromJsonSchema,
  type McpServer,
  ResourceTemplate,
  type ServerNotifier,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Extend } from '../../../src/mcp/server.js';
import { inputFixtures } from './input-fixtures.js';

/** One red pixel, and a WAV without a sample. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';
const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });
const image = { type: 'image' as const, data: PNG, mimeType: 'image/png' };
const embedded = (uri: string, mimeType: string, words: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: words },
});

const SCHEMA_2020 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

/** Tells every listening client; known once the server listens. */
let notify: ServerNotifier | undefined;
export const tellThrough = (notifier: ServerNotifier): void => {
  notify = notifier;
};

function tools(server: McpServer): void {
  const plain = (name: string, content: unknown[]) =>
    server.registerTool(name, { description: name }, () => ({ content }) as ReturnType<typeof text>);
  plain('test_simple_text', text('This is a simple text response for testing.').content);
  plain('test_image_content', [image]);
  plain('test_audio_content', [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }]);
  plain('test_embedded_resource', [
    embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
  ]);
  plain('test_multiple_content_types', [
    { type: 'text', text: 'Multiple content types test:' },
    image,
    embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ]);
  server.registerTool('test_error_handling', { description: 'fails' }, () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool('test_tool_with_logging', { description: 'logs' }, async (ctx) => {
    for (const words of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await ctx.mcpReq.log('info', words);
      await sleep(50);
    }
    return text('logged');
  });
  server.registerTool('test_logging_tool', { description: 'logs where it is wanted' }, async (ctx) => {
    await ctx.mcpReq.log('info', 'a line');
    return text('logged');
  });
  server.registerTool('test_tool_with_progress', { description: 'tells its progress' }, async (ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await ctx.mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken, progress, total: 100 },
        });
      await sleep(50);
    }
    return text('done');
  });
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'Tool with JSON Schema 2020-12 features', inputSchema: fromJsonSchema(SCHEMA_2020) },
    () => text('ok'),
  );
  server.registerTool('test_trigger_tool_change', { description: 'says that tools changed' }, () => {
    notify?.toolsChanged();
    return text('told');
  });
  server.registerTool('test_trigger_prompt_change', { description: 'says that prompts changed' }, () => {
    notify?.promptsChanged();
    return text('told');
  });
}

function resources(server: McpServer): void {
  const about = (mimeType: string) => ({ description: 'a fixture', mimeType });
  server.registerResource('static-text', 'test://static-text', about('text/plain'), ({ href: uri }) => ({
    contents: [{ uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
  }));
  server.registerResource('static-binary', 'test://static-binary', about('image/png'), ({ href: uri }) => ({
    contents: [{ uri, mimeType: 'image/png', blob: PNG }],
  }));
  server.registerResource('watched', 'test://watched-resource', about('text/plain'), ({ href: uri }) => ({
    contents: [{ uri, mimeType: 'text/plain', text: 'watched' }],
  }));
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    about('application/json'),
    ({ href: uri }, { id }) => {
      const body = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
      return { contents: [{ uri, mimeType: 'application/json', text: body }] };
    },
  );
}

function prompts(server: McpServer): void {
  const user = (...content: unknown[]) => ({
    messages: content.map((item) => ({
      role: 'user' as const,
      content: item as { type: 'text'; text: string },
    })),
  });
  const say = (words: string) => ({ type: 'text', text: words });
  server.registerPrompt('test_simple_prompt', { description: 'simple' }, () =>
    user(say('This is a simple prompt for testing.')),
  );
  const arg1 = completable(z.string(), (typed) =>
    ['paris', 'park', 'party'].filter((w) => w.startsWith(typed)),
  );
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'with arguments', argsSchema: z.object({ arg1, arg2: z.string() }) },
    (args) => user(say(`Prompt with arguments: arg1='${args.arg1}', arg2='${args.arg2}'`)),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'with a resource', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) =>
      user(
        embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'),
        say('Please process the embedded resource above.'),
      ),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'with an image' }, () =>
    user(image, say('Please analyze the image above.')),
  );
}

export const fixtures: Extend = (server, codec) => {
  server.server.registerCapabilities({ logging: {} });
  tools(server);
  resources(server);
  prompts(server);
  inputFixtures(server, codec);
};
