import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, TunesmithError, usageError } from '../errors.js';
import { nearHint } from '../near.js';
import { parsePositiveDuration } from '../units.js';

const PROVIDERS = ['gemini', 'openai', 'command', 'tape'] as const;
const HOW =
  'gemini:MODEL, openai:MODEL[@BASE-URL], command:PROGRAM ARGUMENTS, tape:FILE, or the path of a .json file';
const THINKING_LEVELS = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] as const;

/** Timers count no further than 2^31 ms; nobody waits a day for a reply. */
const LONGEST_MS = 86_400_000;

const duration = z.string().transform((text, context) => {
  try {
    const ms = parsePositiveDuration(text, 'timeout') / 1e6;
    if (ms > LONGEST_MS) throw usageError('timeout', text, 'is longer than a day');
    return ms;
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
    return z.NEVER;
  }
});

/** Dollars per million tokens; the books cannot hold what is no amount of money. */
const dollars = z.number().min(0).max(1e6);

/** The most tokens a reply may have, thoughts included, unless the configuration says otherwise. */
export const DEFAULT_OUTPUT = 16_384;

const shared = {
  /** Of one attempt. */
  timeout: duration.default(120_000),
  attempts: z.int().min(1).max(10).default(4),
  firstPause: duration.default(500),
  longestPause: duration.default(30_000),
  /**
   * The most a reply may have, thoughts included: what a budget sets aside for an attempt. A program's reply is limited
   * to four bytes a token. Left out: `DEFAULT_OUTPUT`, and less for a short answer of a model that does not think.
   */
  maxOutputTokens: z.int().min(64).max(200_000).optional(),
  /** US dollars per million tokens, and the day that was read. */
  price: z.strictObject({ input: dollars, output: dollars, since: z.iso.date() }).optional(),
  /** Requests and replies are recorded there or come from there. */
  tape: z
    .strictObject({ file: z.string().min(1), mode: z.enum(['record', 'replay', 'auto']).default('auto') })
    .optional(),
};

const sampled = {
  model: z.string().min(1),
  baseUrl: z.string().optional(),
  /** The variable that holds the key, in place of the provider's usual one. */
  keyVariable: z.string().regex(/^\w+$/).optional(),
  /** A file of mode 0600 that holds the key. */
  keyFile: z.string().optional(),
  /** Left out: the provider's own. */
  temperature: z.number().min(0).max(2).optional(),
};

const configSchema = z.discriminatedUnion('provider', [
  z.strictObject({
    provider: z.literal('gemini'),
    ...sampled,
    ...shared,
    /** Tokens (2.5 models); 0 turns thinking off where a model lets it. */
    thinkingBudget: z.int().min(-1).max(100_000).optional(),
    /** Gemini 3 and later. */
    thinkingLevel: z.enum(THINKING_LEVELS).optional(),
  }),
  z.strictObject({
    provider: z.literal('openai'),
    ...sampled,
    ...shared,
    /** How the server is told of the reply's form: a JSON Schema, plain JSON, or by the prompt alone. */
    structured: z.enum(['schema', 'object', 'none']).default('schema'),
  }),
  z.strictObject({ provider: z.literal('command'), command: z.array(z.string()).min(1), ...shared }),
]);

export type ModelConfig = z.infer<typeof configSchema>;
export type ConfigOf<P extends ModelConfig['provider']> = Extract<ModelConfig, { provider: P }>;

/** `gemini:gemini-3.8-flash`, for people, tapes and tables. */
export const nameOf = (config: ModelConfig): string =>
  `${config.provider}:${config.provider === 'command' ? config.command[0] : config.model}`;

/**
 * A model's configuration from what follows `--model`.
 * @throws TunesmithError (usage) naming --model, or the file and the field in it
 */
export function parseModel(spec: string): ModelConfig {
  if (spec.endsWith('.json')) return checkModel(fromFile(spec), spec);
  const at = spec.indexOf(':');
  const provider = at < 0 ? spec : spec.slice(0, at);
  const rest = at < 0 ? '' : spec.slice(at + 1).trim();
  const known = PROVIDERS.find((name) => name === provider);
  if (known === undefined)
    throw usageError('--model', spec, `has no known provider`, `${nearHint(provider, PROVIDERS)} (${HOW})`);
  if (rest === '') throw usageError('--model', spec, 'names no model', HOW);
  if (known === 'tape') return tapeOnly(rest);
  return checkModel(fromSpec(known, rest), '--model');
}

function fromSpec(provider: 'gemini' | 'openai' | 'command', rest: string): unknown {
  if (provider === 'command') return { provider, command: rest.split(/\s+/) };
  const [, model, baseUrl] = /^(.*?)(?:@(https?:.*))?$/.exec(rest) ?? [];
  return { provider, model, ...(baseUrl === undefined ? {} : { baseUrl }) };
}

/** A tape names in its first line what it was recorded with. */
function tapeOnly(file: string): ModelConfig {
  const first = textOf(file).split('\n', 1)[0] ?? '';
  let head: unknown;
  try {
    head = JSON.parse(first);
  } catch {
    throw usageError('--model', `tape:${file}`, 'is no tape: its first line is not JSON');
  }
  const config = z.object({ config: z.record(z.string(), z.unknown()) }).safeParse(head);
  if (!config.success) throw usageError('--model', `tape:${file}`, 'does not say what it was recorded with');
  return checkModel({ ...config.data.config, tape: { file, mode: 'replay' } }, file);
}

function fromFile(path: string): unknown {
  try {
    return JSON.parse(textOf(path));
  } catch (error) {
    if (error instanceof TunesmithError) throw error;
    throw usageError('--model', path, `is not valid JSON: ${messageOf(error)}`);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TunesmithError('usage', `--model: ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** A configuration from an object, as a file holds it. @throws TunesmithError (usage) naming `where` and the field */
export function checkModel(value: unknown, where: string): ModelConfig {
  const result = configSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new TunesmithError('usage', `${where}: ${issue?.path.join('.') || 'model'}: ${issue?.message}`, {
    hint: 'docs/models.md has an example for each provider',
  });
}
