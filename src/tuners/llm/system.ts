import type { Knob } from '../../knobs/types.js';
import { formatValue } from '../../units.js';
import type { Observation, TuningContext } from '../types.js';
import { loadLine, metricLine } from './load.js';
import type { Observer } from './observers.js';

/**
 * The instructions, one text for a whole run: role, goal, knobs with meaning, unit, range and relations, the warning
 * about noise, explore-then-refine, what to do on a change, and the reply's form. What is in it follows the LumOS
 * paper (appendix A.2); the words are ours.
 */
export function systemPrompt(
  context: TuningContext,
  start: Observation | undefined,
  observers: readonly Observer[],
): string {
  const { objective, knobs, cycles } = context;
  const aim = objective.direction === 'lower' ? 'low' : 'high';
  return [
    'You tune the CPU scheduler of a Linux machine at work: you choose knob values for a window, then are told what was measured.',
    `Goal: ${objective.metric} as ${aim} as possible${metricLine(start, context)}. ${cycles} windows in all.`,
    loadLine(context),
    `Knobs, as whole numbers:\n${knobs.map((knob) => knobLine(knob, context)).join('\n')}`,
    ...relations(context),
    worthLine(start, context),
    'Strategy: in early windows explore, over the whole ranges. Later refine around the best in small moves. When figures jump though the knobs did not, the load has changed: explore again. Keep away from breaches.',
    replyForm(observers),
  ].join('\n\n');
}

const knobLine = ({ name, unit, min, max, scale, meaning }: Knob, { defaults }: TuningContext): string =>
  `- ${name} (${unit}, ${min} to ${max}, ${scale} scale, default ${defaults[name]}): ${meaning}`;

function relations({ knobs, defaults }: TuningContext): readonly string[] {
  const has = (name: string): boolean => defaults[name] !== undefined;
  const tunes = knobs.some(({ name }) => name === 'latency_ns' || name === 'min_granularity_ns');
  if (!tunes || !has('latency_ns') || !has('min_granularity_ns')) return [];
  const fixed = ['latency_ns', 'min_granularity_ns'].filter((name) =>
    knobs.every((knob) => knob.name !== name),
  );
  const stays = fixed.map((name) => ` ${name} stays at ${defaults[name]}.`).join('');
  return [
    `Relations: min_granularity_ns must not exceed latency_ns. With R runnable tasks on a CPU a turn is latency_ns / R, but at least min_granularity_ns; where that is longer, latency_ns no longer matters.${stays}`,
  ];
}

/** What one window is worth: where windows differ, that; where they do not, what still is chance. */
function worthLine(start: Observation | undefined, { exact }: TuningContext): string {
  if (exact)
    return 'One setting gives one figure here, so a repetition tells nothing. But a window is one draw of the load: another may give another figure, so a difference of a few per cent between neighbours is chance. Do not overreact to one window, look for trends.';
  const size =
    start?.noise === undefined
      ? ''
      : ` (windows of one setting differ by about ${formatValue(start.noise, 'share')})`;
  return `Figures are noisy${size}: do not overreact to one window, look for trends.`;
}

function replyForm(observers: readonly Observer[]): string {
  const more = observers.map(({ name, meaning }) => `"${name}" (${meaning})`).join(', ');
  const observe = observers.length > 0 ? `, or to see more before you decide, one of ${more}` : '';
  return `Reply with one JSON object: "config", a value for every knob; "observe", null${observe}; "analysis", one or two sentences on why.`;
}
