import { availableParallelism, cpus, release } from 'node:os';
import { fuzz } from './mcp/fuzz.js';
import { overhead } from './mcp/overhead.js';
import { stalls } from './mcp/stalls.js';
import { table } from './table.js';

export interface McpBench {
  readonly schema: 'tunesmith.bench.mcp/1';
  readonly machine: string;
  readonly rows: readonly (readonly string[])[];
  readonly text: string;
}

const CALLS = 3000;
/** The longest that one caller's work may keep another waiting, ms: once what is made for it is there, and before. */
const WORST_MS = { emptied: 1000, filled: 200 };
const SEED = 20_261_121;
const met = (good: boolean): string => (good ? 'met' : 'not met');

/** What the MCP server costs a call, and what a million wrong ones do to it. @param thousands of wrong calls */
export async function mcpBench(thousands: number, note: (text: string) => void): Promise<McpBench> {
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown CPU'}, Linux ${release()}, Node ${process.versions.node}`;
  const rows: string[][] = [];
  for (const { transport, p50Ms, p99Ms, callsPerCpuS } of await overhead(CALLS)) {
    rows.push([
      `tools/call over ${transport}, p50`,
      '≤ 1 ms',
      `${p50Ms.toFixed(2)} ms (p99 ${p99Ms.toFixed(2)} ms)`,
      met(p50Ms <= 1),
    ]);
    rows.push([
      `calls/s of one core, ${transport}`,
      '≥ 2,000',
      String(Math.round(callsPerCpuS)),
      met(callsPerCpuS >= 2000),
    ]);
  }
  for (const { work, cache, calls, p50Ms, worstMs, worstCpuMs, failed } of await stalls(note)) {
    const bar = WORST_MS[cache];
    rows.push([
      `another’s call beside a ${work}, cache ${cache}: worst`,
      `≤ ${bar} ms`,
      failed ?? `${worstMs.toFixed(0)} ms (${worstCpuMs} ms of CPU; p50 ${p50Ms.toFixed(1)} ms of ${calls})`,
      met(failed === undefined && worstMs <= bar),
    ]);
  }
  const { calls, unanswered, effects, rss, rssGrowth, exitCode } = await fuzz(thousands * 1000, SEED, note);
  const wrong = `of ${calls} random and mutated calls`;
  rows.push(
    [`crashes, ${wrong}`, '0', exitCode === 0 ? '0' : `exit ${exitCode}`, met(exitCode === 0)],
    [`unanswered, ${wrong}`, '0', String(unanswered), met(unanswered === 0)],
    [`unauthorised effects, ${wrong}`, '0', String(effects), met(effects === 0)],
    [
      `memory growth, ${wrong}`,
      '≤ 20 MB',
      `${(rssGrowth / 1e6).toFixed(1)} MB of ${(rss / 1e6).toFixed(0)} MB`,
      met(rssGrowth <= 20e6),
    ],
  );
  const text = [machine, '', table([['figure', 'bar', 'measured', ''], ...rows])].join('\n');
  return { schema: 'tunesmith.bench.mcp/1', machine, rows, text };
}
