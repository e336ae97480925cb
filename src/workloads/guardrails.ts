import { formatValue } from '../units.js';
import type { Guardrail, Metric, Metrics } from './types.js';

/** Guardrails, and the units of their metrics where they are known: a workload is one. */
export interface Judge {
  readonly guardrails: readonly Guardrail[];
  readonly metrics: Readonly<Record<string, Pick<Metric, 'unit'>>>;
}

/** What a window says about the guardrails: sentences with figures. */
export interface GuardrailVerdict {
  readonly breaches: readonly string[];
  /** Guardrails the window cannot be judged by, because a figure is missing. */
  readonly unknown: readonly string[];
}

/**
 * Checks a window against guardrails, such as a workload's.
 * @param defaults the default's own windows, which `× default` rules compare with: of several the worst, because
 * what the default does itself is no breach
 */
export function checkGuardrails(
  judge: Judge,
  metrics: Metrics,
  defaults: readonly Metrics[],
): GuardrailVerdict {
  const breaches: string[] = [];
  const unknown: string[] = [];
  for (const rail of judge.guardrails) {
    const figure = metrics[rail.metric];
    const bound = boundOf(rail, defaults);
    if (figure === undefined || bound === undefined) unknown.push(`${rail.metric} was not measured`);
    else if (isAtMost(rail) ? figure > bound : figure < bound)
      breaches.push(breach(rail, figure, bound, judge, defaults.length > 1));
  }
  return { breaches, unknown };
}

const isAtMost = ({ rule }: Guardrail): boolean => rule.startsWith('at most');

function boundOf(rail: Guardrail, defaults: readonly Metrics[]): number | undefined {
  if (!rail.rule.endsWith('× default')) return rail.value;
  const own = defaults.flatMap((window) => window[rail.metric] ?? []);
  if (own.length === 0) return undefined;
  return rail.value * (isAtMost(rail) ? Math.max(...own) : Math.min(...own));
}

function breach(rail: Guardrail, figure: number, bound: number, judge: Judge, ofSeveral: boolean): string {
  const unit = judge.metrics[rail.metric]?.unit ?? 'count';
  const whose = ofSeveral ? 'the default’s worst window' : 'the default’s';
  const limit = rail.rule.endsWith('× default')
    ? `${rail.value} × ${whose}, ${formatValue(bound, unit)}`
    : formatValue(bound, unit);
  const side = isAtMost(rail) ? 'above' : 'below';
  return `${rail.metric} ${formatValue(figure, unit)} is ${side} ${limit} (${rail.why})`;
}
