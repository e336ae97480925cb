import { knobsOf } from '../../../src/knobs/catalogue.js';
import { tune } from '../../../src/loop/tune.js';
import type { TuneOptions } from '../../../src/loop/types.js';
import type { Limits } from '../../../src/models/budget.js';
import { noBook } from '../../../src/models/day-book.js';
import { makeBudget, makeModel } from '../../../src/models/index.js';
import type { LlmOptions } from '../../../src/tuners/llm/options.js';
import { llm } from '../../../src/tuners/llm.js';
import { better, type Response, SyntheticTarget, workload } from '../../loop/synthetic.js';
import { PROTOCOLS } from '../../models/servers/protocols.js';
import { type Server, send, serve } from '../../models/servers/serve.js';

const [gemini] = PROTOCOLS;
/** What a model says to the n-th request (from 0), given the whole prompt; a number is an HTTP status, null silence. */
export type Mind = (prompt: string, nth: number) => string | number | null;
export interface Minded {
  readonly server: Server;
  readonly prompts: string[];
}

/** A server behind which a mind of a test sits. */
export async function minded(mind: Mind): Promise<Minded> {
  const prompts: string[] = [];
  const server = await serve((seen, response, nth) => {
    prompts.push(gemini.prompt(seen));
    const said = mind(prompts.at(-1) as string, nth);
    if (said === null) return;
    if (typeof said === 'number') send(response, said, gemini.refusal(said, 'refused'));
    else send(response, 200, gemini.reply(said));
  });
  return { server, prompts };
}

export const reply = (latency_ns: unknown, min_granularity_ns: unknown, more = {}): string =>
  JSON.stringify({ analysis: 'because', config: { latency_ns, min_granularity_ns }, observe: null, ...more });

export const modelAt = ({ server }: Minded, limits: Limits = { run: {}, day: {} }, more = {}) =>
  makeModel(
    gemini.config(server.url, { keyVariable: 'TEST_MODEL_KEY', attempts: 1, ...more }),
    makeBudget(limits, false, noBook),
  );

export const pair = knobsOf('cfs').slice(0, 2);

/** A run of the LLM tuner on a formula, through the loop. */
export async function tuned(
  at: Minded,
  more: Partial<LlmOptions> = {},
  how: Partial<TuneOptions> & { response?: Response; limits?: Limits } = {},
) {
  const { response = better, limits, ...rest } = how;
  const target = new SyntheticTarget(response);
  const tuner = llm({ model: modelAt(at, limits), ...more });
  const outcome = await tune({ target, workload, knobs: pair, tuner, cycles: 6, seed: 1, ...rest });
  return { outcome, tuner, remarks: tuner.remarks?.() ?? [], target };
}
