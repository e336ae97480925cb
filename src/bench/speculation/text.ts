import { PAPER_LATENCIES } from '../../tuners/speculative/clock.js';
import { formatNs, formatValue } from '../../units.js';
import { OUTSIDE } from '../study/outside.js';
import { usageText } from '../study/usage.js';
import { table } from '../table.js';
import { STAND_IN } from './arms.js';
import { NEAR, type SpeculationRow } from './summary.js';

/** The experiment's figures as Markdown: a row an arm, what was run, what each has to say, what models cost. */
export function speculationText(rows: readonly SpeculationRow[], windowNs: number): string {
  const lines = rows.map(({ arm, windows, mean, recovered }) => [
    arm,
    ...[windows[0] ?? null, mean, windows.at(-1) ?? null].map((figure) => formatValue(figure, 'ns')),
    recovered === null ? 'never' : formatNs(recovered * windowNs),
  ]);
  const head = ['arm', 'first window', 'mean', 'last window', `within ${NEAR * 100} % of the best after`];
  const human = rows.some(({ arm }) => arm === 'human')
    ? []
    : [['human', OUTSIDE.human as string, ...head.slice(2).map(() => '–')]];
  const remarks = rows.flatMap(({ arm, remarks: said }) => said.map((remark) => `- ${arm}: ${remark}`));
  // An arm's remarks stand above, whether it asked a model or not.
  const asking = rows.flatMap(({ arm, models }) => (models ? [{ who: arm, runs: [{ models }] }] : []));
  return [
    table([head, ...lines, ...human]),
    `pgbench's p99 on Linux with CFS in the lab, from latency_ns 100 ms and min_granularity_ns 10 ms, windows of` +
      ` ${formatNs(windowNs)}; ${actorText(rows)}`,
    ...(remarks.length > 0 ? [remarks.join('\n')] : []),
    ...usageText(asking),
  ].join('\n\n');
}

function actorText(rows: readonly SpeculationRow[]): string {
  const asked = new Set(rows.flatMap(({ models = [] }) => models.map(({ model }) => model)));
  if (asked.size > 0) return `the actor is ${[...asked].join(' and ')} with its own latency, in virtual time`;
  const { p50, p95 } = PAPER_LATENCIES[STAND_IN];
  return (
    `the actor is the expert's rules at the latency of ${STAND_IN} (p50 ${p50} s, p95 ${p95} s, virtual time); ` +
    `${OUTSIDE.llm}`
  );
}
