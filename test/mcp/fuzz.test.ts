import { expect, it } from 'vitest';
import { fuzz } from '../../src/bench/mcp/fuzz.js';
import { MAIN } from '../cli/cli.js';

it('random and mutated calls crash nothing, change nothing, and are all answered', async () => {
  const { rssGrowth: _, rss: __, ...result } = await fuzz(3000, 7, () => {}, MAIN);
  expect(result).toEqual({ calls: 3000, unanswered: 0, effects: 0, exitCode: 0 });
});
