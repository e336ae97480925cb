import { formatSettings } from '../../knobs/format.js';
import { formatValue } from '../../units.js';
import { workloadByName } from '../../workloads/index.js';
import { median } from '../statistics.js';
import { table } from '../table.js';
import type { ReachResult } from './reach.js';

/** Cycles a tuner may take: the bar of the project. */
const BAR = 10;

/** Cycles to within 3 % of the oracle as Markdown. */
export function reachText(cases: readonly ReachResult[], cycles: number): string {
  const lines = cases.flatMap((item) =>
    item.rows.map(({ tuner, held, tried, own }) => [
      `${item.workload}${item.isHeldOut ? ' (held out)' : ''}`,
      tuner,
      middle(held, cycles),
      ...[each(held), middle(tried, cycles), middle(own, cycles), each(own)],
    ]),
  );
  const head = [
    ...['load', 'tuner', `held as best, median (bar ${BAR})`, 'per load seed', 'first tried, median'],
    ...['by its own seed, median', 'per load seed'],
  ];
  const notes = cases.map(({ workload, metric, points, default: start, oracle, near }) => {
    const unit = workloadByName(workload).metrics[metric]?.unit ?? 'count';
    return (
      `- ${workload}: ${metric}, default ${formatValue(start, unit)}, oracle ${formatValue(oracle.objective, unit)} at ` +
      `${formatSettings(oracle.values)} of ${points} points; ${formatValue(near, 'share')} of them are within 3 %`
    );
  });
  return [
    table([head, ...lines]),
    '',
    ...notes,
    '',
    `Runs of ${cycles} cycles on two CFS knobs, two CPUs; one run a load seed, whose windows are all it sees. Within 3 %: the`,
    'setting’s mean over all load seeds against that of the best point. A setting counts from the cycle in which it is held as the best.',
    'By its own seed: the first window within 3 % of the best point’s under that seed, as lumos-e1 counts.',
  ].join('\n');
}

const each = (all: readonly (number | null)[]): string => all.map((cycle) => cycle ?? '–').join(', ');

/** The median over the runs; one that never got there counts as longer than all. */
function middle(all: readonly (number | null)[], cycles: number): string {
  const value = median(all.map((cycle) => cycle ?? cycles + 1));
  return value > cycles ? `more than ${cycles}` : `${value}`;
}
