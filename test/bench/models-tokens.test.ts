import { expect, it } from 'vitest';
import { scriptedServer } from '../../src/bench/models/server.js';
import { KNOBS, SURFACE, SurfaceTarget } from '../../src/bench/models/surface.js';
import { tune } from '../../src/loop/tune.js';
import { parseModel } from '../../src/models/config.js';
import { noBook } from '../../src/models/day-book.js';
import { makeBudget, makeModel } from '../../src/models/index.js';
import { llm } from '../../src/tuners/llm.js';

/** Issue E: input tokens a cycle of a run of 200 decisions, by the count of `tunesmith bench models`. */
const BAR = 1200;

it('a summary keeps to its tokens in every cycle, changes of the load included', async () => {
  const server = await scriptedServer();
  const config = parseModel(`openai:scripted@${server.url}/v1`);
  const model = makeModel(config, makeBudget({ run: {}, day: {} }, true, noBook));
  // Early, so that its line stands beside all there is to say about a long search.
  const changed = ({ length }: { length: number }) => (length > 10 ? 10 : 0);
  // Of seeds 1 to 7 this has the longest prompt.
  await tune({
    ...{ target: new SurfaceTarget(2), workload: SURFACE, knobs: KNOBS, cycles: 201, seed: 1 },
    tuner: llm({ model, changed, whenStuck: 'stay' }),
  }).finally(() => server.close());
  const { inputs } = model.account;
  expect(inputs).toHaveLength(200);
  expect(Math.max(...inputs)).toBeLessThanOrEqual(BAR);
});
