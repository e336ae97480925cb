import { z } from 'zod';
import type { Limits } from '../../../src/models/budget.js';
import type { ModelConfig } from '../../../src/models/config.js';
import { noBook } from '../../../src/models/day-book.js';
import { makeBudget, makeModel } from '../../../src/models/index.js';

/** A key that must not be seen anywhere but in the header of a request. */
export const SECRET = 'tunesmith-test-secret-0123456789';
export const schema = z.strictObject({ analysis: z.string(), turn: z.int().min(1).max(100) });
export const GOOD = '{"analysis":"short turns","turn":7}';

export const modelOf = (config: ModelConfig, limits: Limits = { run: {}, day: {} }) =>
  makeModel(config, makeBudget(limits, false, noBook));

export const ask = (model: ReturnType<typeof modelOf>, text = 'what next?', signal?: AbortSignal) =>
  model.ask({ system: 'You tune.', messages: [{ role: 'user', text }], schema, signal });
