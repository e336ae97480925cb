import { commandSend } from './command.js';
import { type ModelConfig, nameOf } from './config.js';
import { GEMINI_KEYS, geminiSend } from './gemini.js';
import { findKey, keyMissing } from './key.js';
import { OPENAI_BASE, OPENAI_KEYS, openaiSend } from './openai.js';
import { type Redact, redactor } from './redact.js';
import type { Send } from './types.js';

export interface Provider {
  readonly send: Send;
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
  if (config.provider === 'command') return { redact, send: commandSend(config, caller) };
  if (config.provider === 'openai') return { redact, send: openaiSend(config, key, caller) };
  return { redact, send: geminiSend(config, key as string, caller) };
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
