/** Fixtures that ask their client for something, in both protocols' ways. */
import {
  acceptedContent,
  inputRequired,
  inputResponse,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });
const form = (message: string, field: string, type: 'string' | 'boolean' = 'string') =>
  inputRequired.elicit({
    message,
    requestedSchema: {
      type: 'object',
      properties: { [field]: type === 'string' ? { type } : { type } },
      required: [field],
    },
  });
const sample = (words: string, maxTokens: number) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: words } }],
    maxTokens,
  });
const declared = (ctx: ServerContext) =>
  (ctx.mcpReq.envelope as Record<string, unknown> | undefined)?.[
    'io.modelcontextprotocol/clientCapabilities'
  ] as Record<string, unknown> | undefined;

const STATUS = ['active', 'inactive', 'pending'];
const OPTIONS = ['option1', 'option2', 'option3'];
const titled = (...titles: string[]) => titles.map((title, i) => ({ const: `value${i + 1}`, title }));
const DEFAULTS = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: STATUS, default: 'active' },
  verified: { type: 'boolean', default: true },
} as const;
const ENUMS = {
  untitledSingle: { type: 'string', enum: OPTIONS },
  titledSingle: { type: 'string', oneOf: titled('First Option', 'Second Option', 'Third Option') },
  legacyEnum: {
    type: 'string',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: { type: 'array', items: { type: 'string', enum: OPTIONS } },
  titledMulti: { type: 'array', items: { anyOf: titled('First Choice', 'Second Choice', 'Third Choice') } },
} as const;

/** The 2025 way: the server asks in the middle of a call. */
function asking(server: McpServer): void {
  server.registerTool(
    'test_sampling',
    { description: 'asks a model', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, ctx) => {
      const { content } = await ctx.mcpReq.requestSampling({
        messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
        maxTokens: 100,
      });
      return text(`LLM response: ${JSON.stringify(content)}`);
    },
  );
  const elicits = (
    name: string,
    said: string,
    properties: object,
    required: string[],
    input = z.object({}),
  ) =>
    server.registerTool(name, { description: name, inputSchema: input }, async (args, ctx) => {
      const message = String((args as { message?: string }).message ?? 'Please fill in');
      const { action, content } = await ctx.mcpReq.elicitInput({
        message,
        requestedSchema: { type: 'object', properties: properties as never, required },
      });
      return text(`${said}: action=${action}, content=${JSON.stringify(content)}`);
    });
  elicits(
    'test_elicitation',
    'User response',
    {
      username: { type: 'string', description: "User's response" },
      email: { type: 'string', description: "User's email address" },
    },
    ['username', 'email'],
    z.object({ message: z.string() }),
  );
  elicits('test_elicitation_sep1034_defaults', 'Elicitation completed', DEFAULTS, []);
  elicits('test_elicitation_sep1330_enums', 'Elicitation completed', ENUMS, []);
}

/** The 2026 way: the result says what is missing, and the call is made again with it. */
function returning(server: McpServer, codec: RequestStateCodec<unknown>): void {
  const register = (name: string, run: (ctx: ServerContext) => unknown) =>
    server.registerTool(name, { description: name }, (ctx) => run(ctx) as ReturnType<typeof text>);
  const nameOf = (ctx: ServerContext, key: string, field = 'name') =>
    acceptedContent(ctx.mcpReq.inputResponses, key)?.[field] as string | undefined;

  for (const name of ['test_input_required_result_elicitation', 'test_streaming_elicitation'])
    register(name, (ctx) => {
      const answer = nameOf(ctx, 'user_name');
      if (typeof answer === 'string') return text(`Hello, ${answer}!`);
      return inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } });
    });
  register('test_input_required_result_sampling', (ctx) => {
    const view = inputResponse(ctx.mcpReq.inputResponses, 'capital_question');
    if (view.kind === 'sampling') return text(JSON.stringify(view.result.content));
    return inputRequired({
      inputRequests: { capital_question: sample('What is the capital of France?', 100) },
    });
  });
  register('test_input_required_result_list_roots', (ctx) => {
    const view = inputResponse(ctx.mcpReq.inputResponses, 'client_roots');
    if (view.kind === 'roots') return text(view.roots.map(({ uri }) => uri).join(' '));
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  });
  for (const name of [
    'test_input_required_result_request_state',
    'test_input_required_result_tampered_state',
  ])
    register(name, async (ctx) => {
      if (ctx.mcpReq.requestState() !== undefined && ctx.mcpReq.inputResponses) return text('state-ok');
      return inputRequired({
        inputRequests: { confirm: form('Please confirm', 'ok', 'boolean') },
        requestState: await codec.mint({ round: 1 }, ctx),
      });
    });
  register('test_input_required_result_multiple_inputs', async (ctx) => {
    const kinds = ['user_name', 'greeting', 'client_roots'].map(
      (key) => inputResponse(ctx.mcpReq.inputResponses, key).kind,
    );
    if (!kinds.includes('missing')) return text(`got ${kinds.join(', ')}`);
    return inputRequired({
      inputRequests: {
        user_name: form('What is your name?', 'name'),
        greeting: sample('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await codec.mint({ round: 1 }, ctx),
    });
  });
  register('test_input_required_result_multi_round', async (ctx) => {
    const state = ctx.mcpReq.requestState<{ name?: string; round: number }>();
    const [name, color] = [nameOf(ctx, 'step1') ?? state?.name, nameOf(ctx, 'step2', 'color')];
    if (name === undefined)
      return inputRequired({
        inputRequests: { step1: form('Step 1: What is your name?', 'name') },
        requestState: await codec.mint({ round: 1 }, ctx),
      });
    if (color !== undefined) return text(`${name} likes ${color}`);
    return inputRequired({
      inputRequests: { step2: form('Step 2: What is your favorite color?', 'color') },
      requestState: await codec.mint({ round: 2, name }, ctx),
    });
  });
  register('test_input_required_result_capabilities', (ctx) => {
    const able = declared(ctx) ?? {};
    const inputRequests = {
      ...(able.elicitation === undefined ? {} : { user_name: form('What is your name?', 'name') }),
      ...(able.sampling === undefined ? {} : { greeting: sample('Generate a greeting', 50) }),
    };
    return inputRequired({ inputRequests });
  });
  // The SDK refuses to ask for what the client has not declared.
  register('test_missing_capability', () =>
    inputRequired({ inputRequests: { greeting: sample('Hello', 10) } }),
  );
  server.registerPrompt('test_input_required_result_prompt', { description: 'asks first' }, (ctx) => {
    const context = nameOf(ctx, 'user_context', 'context');
    if (context !== undefined)
      return { messages: [{ role: 'user', content: { type: 'text', text: `Context: ${context}` } }] };
    return inputRequired({
      inputRequests: { user_context: form('What context should the prompt use?', 'context') },
    });
  });
}

export function inputFixtures(server: McpServer, codec: RequestStateCodec<unknown>): void {
  asking(server);
  returning(server, codec);
}
