import type { Account } from '../../models/account.js';
import type { AccountedModel } from '../../models/index.js';
import { jsonSchemaOf, readJson } from '../../models/json.js';
import type { ModelReply, ModelRequest } from '../../models/types.js';

const USAGE = { inputTokens: 0, outputTokens: 0, thoughtTokens: 0, cachedTokens: 0, estimated: true };
const ACCOUNT: Account = {
  ...{ model: 'instant', calls: 0, failures: 0, inputTokens: 0, outputTokens: 0 },
  ...{ usd: null, priceSince: null, latenciesMs: [], inputs: [] },
};

/**
 * A model that answers at once and reads nothing, for what a tuner itself takes: the schema is made and the reply
 * checked as ever, nothing goes over a wire.
 * @param config the n-th decision (from 0), a value for every knob
 */
export function instantModel(config: (nth: number) => Readonly<Record<string, number>>): AccountedModel {
  let asked = 0;
  return {
    ...{ name: 'instant', account: ACCOUNT },
    async ask<T>({ schema }: ModelRequest<T>): Promise<ModelReply<T>> {
      jsonSchemaOf(schema);
      const text = JSON.stringify({ analysis: 'at once', config: config(asked++), observe: null });
      const rest = { text, usage: USAGE, latencyMs: 0, model: 'instant', usd: null };
      return { ...readJson(text, schema), ...rest };
    },
  };
}
