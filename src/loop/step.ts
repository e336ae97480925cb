import { TunesmithError } from '../errors.js';
import { runnablePerCpu } from '../knobs/slice.js';
import type { KnobValues } from '../knobs/types.js';
import { validateChange } from '../knobs/validate.js';
import type { Proposal } from '../tuners/types.js';
import { formatValue } from '../units.js';
import { checkGuardrails } from '../workloads/guardrails.js';
import type { Measurement } from '../workloads/types.js';
import type { Journal } from './journal.js';
import { noticeLoad } from './load-change.js';
import { figureIn, gainOf, isBetter } from './objective.js';
import { recorded } from './recorded.js';
import type { Cycle } from './result.js';
import type { TuneOptions } from './types.js';
import { measureWindow } from './window.js';

/** One proposal: check, apply, measure, decide, keep or put back, record. `started` in ms since the epoch. */
export async function runCycle(
  options: TuneOptions,
  journal: Journal,
  proposal: Proposal,
  started: number,
): Promise<void> {
  const { target } = options;
  const values = journal.tuned(proposal.values);
  const record = (rest: Pick<Cycle, 'objective' | 'outcome' | 'note' | 'measurement'>): void =>
    journal.add({
      cycle: journal.cycles.length,
      values,
      reason: proposal.reason,
      ...(proposal.extra && { extra: true as const }),
      wallMs: Date.now() - started,
      ...rest,
    });
  const checked = check(options, journal, proposal.values);
  if (checked.error !== null) {
    record({ objective: null, outcome: 'rejected', note: checked.error, measurement: null });
    return;
  }
  await target.apply(values);
  const measurement = await measureWindow(target, 'search');
  journal.deaths.count(measurement, journal.isDefault({ values, outcome: 'put back' }));
  const objective = figureIn(measurement.metrics, journal.context.objective);
  const cycle = journal.cycles.length;
  const news = noticeLoad(options, journal, {
    cycle,
    values,
    objective,
    measurement,
    outcome: 'put back',
    note: '',
  });
  const { outcome, note } = decide(options, journal, measurement);
  if (outcome === 'breach') await target.apply({});
  else if (outcome === 'put back') await target.apply(journal.best.cycle === 0 ? {} : journal.best.values);
  const notes = [...news, note, ...checked.warnings].join('; ');
  record({ objective, outcome, note: notes, measurement: recorded(measurement) });
}

function check({ target }: TuneOptions, { context, defaultMetrics }: Journal, values: KnobValues) {
  const stranger = Object.keys(values).find((name) => context.knobs.every((knob) => knob.name !== name));
  if (stranger !== undefined)
    return { error: `${stranger} is not among the knobs being tuned`, warnings: [] };
  try {
    const runnable = runnablePerCpu(defaultMetrics, context.cpus);
    const { scheduler } = target;
    const warnings = validateChange(values, { scheduler, defaults: context.defaults, runnable });
    return { error: null, warnings: warnings.map(({ message }) => message) };
  } catch (error) {
    if (error instanceof TunesmithError) return { error: error.message, warnings: [] };
    throw error;
  }
}

function decide(
  { workload }: TuneOptions,
  { context, best, defaultWindows, cycles }: Journal,
  { metrics, noFigure }: Measurement,
): Pick<Cycle, 'outcome' | 'note'> {
  const { objective } = context;
  const figure = figureIn(metrics, objective);
  const { breaches, unknown } = checkGuardrails(workload, metrics, defaultWindows);
  if (breaches.length > 0) return { outcome: 'breach', note: `the default is back: ${breaches.join('; ')}` };
  if (noFigure?.cause === 'lost')
    return { outcome: 'breach', note: `rejected, and the default is back: ${noFigure.why}` };
  if (figure === null)
    return { outcome: 'put back', note: noFigure?.why ?? `the window gave no ${objective.metric}` };
  // A guardrail that could not be watched in the default's window either was said there, once.
  const lost = unknown.filter((text) => !(cycles[0] as Cycle).note.includes(text));
  if (lost.length > 0)
    return { outcome: 'put back', note: `a guardrail cannot be judged: ${lost.join('; ')}` };
  const gain = gainOf(objective, best.objective, figure);
  const than = best.cycle === 0 ? 'the default' : `cycle ${best.cycle}`;
  const size = gain === null ? '' : ` by ${formatValue(Math.abs(gain), 'share')}`;
  const shown = formatValue(figure, objective.unit);
  const noise = cycles[0]?.noise ?? 0;
  const doubt =
    gain !== null && Math.abs(gain) < noise ? `, less than the noise of ${formatValue(noise, 'share')}` : '';
  if (isBetter(objective, figure, best.objective))
    return { outcome: 'kept', note: `best so far: ${shown} beats ${than}${size}${doubt}` };
  return {
    outcome: 'put back',
    note:
      gain === 0
        ? `${shown} is no better than ${than}`
        : `${shown} is worse than ${than}${size}${doubt}; ${than} is back`,
  };
}
