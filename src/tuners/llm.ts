import type { LlmOptions } from './llm/options.js';
import { LlmRun } from './llm/run.js';
import { remarksOf } from './llm/tally.js';
import type { Tuner } from './types.js';

/**
 * A language model that reads what was measured and decides like an engineer, after the LumOS paper: conversational
 * or, by default, from a summary; a small model, with a larger one for changes and stalls. Its replies are checked
 * like anybody's: repaired once, else the rules decide the window, or the best so far stays.
 */
export function llm(options: LlmOptions): Tuner {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, ...(options.signal ? [options.signal] : [])]);
  const asked = [options.model, ...(options.large ? [options.large] : [])];
  let run: LlmRun | undefined;
  return {
    name: 'llm',
    propose(history, context) {
      if (run?.context !== context) run = new LlmRun(context, { ...options, signal });
      return run.propose(history);
    },
    close: () => over.abort(),
    remarks: () => [...(run ? remarksOf(run.tally) : []), ...asked.flatMap(({ notes = [] }) => notes)],
    accounts: () => asked.map(({ account }) => account),
  };
}
