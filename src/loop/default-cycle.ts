import type { Objective } from '../tuners/types.js';
import { formatValue } from '../units.js';
import { checkGuardrails } from '../workloads/guardrails.js';
import type { Measurement } from '../workloads/types.js';
import type { Journal } from './journal.js';
import { figureIn } from './objective.js';
import { recorded } from './recorded.js';
import type { TuneOptions } from './types.js';
import { measureWindow, whole } from './window.js';
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
  const windows = await measureDefault(options, journal);
  const measurement = middle(windows);
  const { metrics } = measurement;
  journal.defaultWindows = whole(windows).map((window) => window.metrics);
  const { breaches, unknown } = checkGuardrails(workload, metrics, journal.defaultWindows);
  const objective = figureIn(metrics, aim);
  const figures = figuresIn(windows, aim);
  const noise = noiseIn(figures);
  const notes = [
    ...(objective === null && !measurement.noFigure ? [`the window gave no ${aim.metric}`] : []),
    ...lost(windows),
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

/** What became of windows without figures: one sentence for each reason. */
const lost = (windows: readonly Measurement[]): readonly string[] => {
  const whys = windows.flatMap(({ noFigure }) => noFigure?.why ?? []);
  return [...new Set(whys)].map((why) =>
    windows.length === 1
      ? why
      : `${whys.filter((other) => other === why).length} of ${windows.length} windows: ${why}`,
  );
};

async function measureDefault({ target, signal }: TuneOptions, { deaths }: Journal): Promise<Measurement[]> {
  const windows: Measurement[] = [];
  do {
    const window = await measureWindow(target, 'search');
    deaths.count(window, true);
    windows.push(window);
  } while (windows.length < (target.repeats?.default ?? 1) && !signal?.aborted);
  return windows;
}
