import type { Objective } from '../tuners/types.js';
import { formatValue } from '../units.js';
import { checkGuardrails } from '../workloads/guardrails.js';
import type { Measurement } from '../workloads/types.js';
import type { Journal } from './journal.js';
import { figureIn } from './objective.js';
import { recorded } from './recorded.js';
import type { TuneOptions } from './types.js';
import { figuresIn, middle, noiseIn } from './windows.js';

/**
 * Cycle 0: what is in force today, measured like everything after it. Where windows of one setting differ, several
 * of them: their medians are the default's figures, and how far they lie apart is the noise.
 */
export async function runDefault(options: TuneOptions, journal: Journal): Promise<void> {
  const { target, workload } = options;
  const { objective: aim } = journal.context;
  const started = Date.now();
  await target.apply({});
  const windows = await measureDefault(options);
  const measurement = middle(windows);
  const { metrics } = measurement;
  journal.defaultWindows = windows.map((window) => window.metrics);
  const { breaches, unknown } = checkGuardrails(workload, metrics, journal.defaultWindows);
  const objective = figureIn(metrics, aim);
  const figures = figuresIn(windows, aim);
  const noise = noiseIn(figures);
  const notes = [
    ...(objective === null ? [`the window gave no ${aim.metric}`] : []),
    ...(noise === undefined
      ? []
      : [
          `median of ${figures.length} windows, ${range(figures, aim)}: the noise is ${formatValue(noise, 'share')}`,
        ]),
    ...breaches.map((text) => `the default itself breaches a guardrail: ${text}`),
    ...unknown.map((text) => `a guardrail cannot be watched: ${text}`),
  ];
  journal.add({
    cycle: 0,
    values: journal.tuned({}),
    objective,
    outcome: 'default',
    reason: 'What is in force before tuning: everything is compared with it.',
    note: notes.join('; '),
    measurement: recorded(measurement),
    ...(noise === undefined ? {} : { windows: figures, noise }),
    wallMs: Date.now() - started,
  });
}

const range = (figures: readonly number[], { unit }: Objective): string =>
  `${formatValue(Math.min(...figures), unit)} to ${formatValue(Math.max(...figures), unit)}`;

async function measureDefault({ target, signal }: TuneOptions): Promise<Measurement[]> {
  const windows = [await target.measure('search')];
  while (windows.length < (target.repeats?.default ?? 1) && !signal?.aborted)
    windows.push(await target.measure('search'));
  return windows;
}
