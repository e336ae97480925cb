import { commandSend } from './command.js';
import { type ModelConfig, nameOf } from './config.js';
import { GEMINI_FORMS, GEMINI_KEYS, geminiSend } from './gemini.js';
import { findKey, keyMissing } from './key.js';
import { OPENAI_BASE, OPENAI_KEYS, openaiForms, openaiSend } from './openai.js';
import { type Redact, redactor } from './redact.js';
import type { Form, Send } from './types.js';

export interface Provider {
  readonly send: Send;
  /** How it can be told of the reply's form, the surest way first. */
  readonly forms: readonly Form[];
  readonly redact: Redact;
}

/**
 * What sends a request to the configured provider.
 * @throws TunesmithError (incapable) without a key where one is needed, naming the variable; (usage) for a bad one
 */
export function makeProvider(config: ModelConfig): Provider {
  const key = config.provider === 'command' ? null : keyFor(config);
  const redact = redactor(key === null ? [] : [key]);
  const caller = { name: nameOf(config), redact };
  if (config.provider === 'command') return { redact, forms: ['none'], send: commandSend(config, caller) };
  if (config.provider === 'openai')
    return { redact, forms: openaiForms(config), send: openaiSend(config, key, caller) };
  return { redact, forms: GEMINI_FORMS, send: geminiSend(config, key as string, caller) };
}

function keyFor(config: Exclude<ModelConfig, { provider: 'command' }>): string | null {
  const usual = config.provider === 'gemini' ? GEMINI_KEYS : OPENAI_KEYS;
  const variables = config.keyVariable === undefined ? usual : [config.keyVariable];
  // A key of the environment is for the provider it belongs to: another server gets one only when told to.
  const isElsewhere = config.provider === 'openai' && (config.baseUrl ?? OPENAI_BASE) !== OPENAI_BASE;
  const isNamed = config.keyVariable !== undefined;
  const key = findKey({ file: config.keyFile, variables: isElsewhere && !isNamed ? [] : variables });
  if (key === null && (!isElsewhere || isNamed)) throw keyMissing(nameOf(config), variables[0] as string);
  return key;
}
