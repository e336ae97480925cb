import { shellLine } from '../../../shell.js';
import type { SynthesisResult } from '../../../synthesis/result.js';
import type { Progress } from '../../../synthesis/search/search.js';
import type { Case } from '../../../synthesis/types.js';
import { formatValue } from '../../../units.js';

/** One generation on one line. */
export function searchLine(
  { generation, tried, dropped, cells, best, elapsedMs }: Progress,
  { objective }: Case,
  timeLeft: string,
): string {
  const gain = best?.gain ?? null;
  const found =
    best === null || gain === null
      ? 'nothing that holds'
      : `best ${objective.metric} ${formatValue(best.score.value, objective.unit)}, ${(100 * gain).toFixed(1)} % over EEVDF`;
  return `generation ${generation + 1}: ${tried} tried, ${dropped} dropped, ${cells} kinds, ${found} (${[`${Math.round(elapsedMs / 1000)} s`, timeLeft].filter(Boolean).join(', ')})`;
}

/** The answer, what it cost, and where it lies. */
export function synthesisText(
  { answer, spent, policy, undone, case: { workload } }: SynthesisResult,
  html: string,
): string {
  const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
  const { model } = spent;
  return [
    answer,
    '',
    `${workload}: ${spent.candidates} candidates; sweep ${seconds(spent.sweepMs)}, search ${seconds(spent.searchMs)}, referee ${seconds(spent.refereeMs)}`,
    ...(model
      ? [
          `${model.name}: ${model.calls} calls, ${model.tokens.toLocaleString('en-US')} tokens, ${model.usd === null ? 'price unknown' : `$${model.usd.toFixed(4)}`}; ${model.accepted} accepted, ${model.dropped.length} dropped${model.ended === null ? '' : `; ended: ${model.ended}`}`,
        ]
      : []),
    ...(policy
      ? [
          `policy:  ${policy.dir}${policy.recommended ? '' : ' (not recommended)'}`,
          `         ${shellLine('tunesmith', 'policy', 'check', policy.dir)}`,
        ]
      : [
          `${spent.candidates === 0 ? 'nothing was found' : undone.length > 0 ? 'no candidate was checked' : 'no candidate passes `policy check`'}, so there is no policy folder`,
        ]),
    `report:  ${html}`,
  ].join('\n');
}
