import type { TuneResult } from '../loop/result.js';

/** What the models asked came to, a line each: calls, tokens, money at a dated price, latency. */
export const modelLines = ({ models = [] }: TuneResult): readonly string[] =>
  models.map(({ model, calls, failures, inputTokens, outputTokens, usd, priceSince, latenciesMs }) => {
    const money =
      usd === null || priceSince === null
        ? 'price unknown'
        : `$${usd.toFixed(4)} at list prices of ${priceSince}`;
    const failed = failures > 0 ? ` (${failures} failed)` : '';
    const tokens = `${inputTokens.toLocaleString('en-US')} tokens in, ${outputTokens.toLocaleString('en-US')} out`;
    return `  ${model}: ${calls} calls${failed}, ${tokens}, ${money}${latency(latenciesMs)}`;
  });

function latency(ms: readonly number[]): string {
  if (ms.length === 0) return '';
  const sorted = [...ms].sort((a, b) => a - b);
  const at = (share: number) => ((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1000).toFixed(2);
  return `, latency p50 ${at(0.5)} s, p95 ${at(0.95)} s`;
}
