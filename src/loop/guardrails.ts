import { formatValue } from '../units.js';
import type { Guardrail, Metrics, Workload } from '../workloads/types.js';

/** What a window says about the guardrails: sentences with figures. */
export interface GuardrailVerdict {
  readonly breaches: readonly string[];
  /** Guardrails the window cannot be judged by, because a figure is missing. */
  readonly unknown: readonly string[];
}

/**
 * Checks a window against a workload's guardrails.
 * @param defaults the default's own window, which `× default` rules compare with
 */
export function checkGuardrails(workload: Workload, metrics: Metrics, defaults: Metrics): GuardrailVerdict {
  const breaches: string[] = [];
  const unknown: string[] = [];
  for (const rail of workload.guardrails) {
    const figure = metrics[rail.metric];
    const bound = boundOf(rail, defaults);
    if (figure === undefined || bound === undefined) unknown.push(`${rail.metric} was not measured`);
    else if (isAtMost(rail) ? figure > bound : figure < bound)
      breaches.push(breach(rail, figure, bound, workload));
  }
  return { breaches, unknown };
}

const isAtMost = ({ rule }: Guardrail): boolean => rule.startsWith('at most');

function boundOf({ rule, metric, value }: Guardrail, defaults: Metrics): number | undefined {
  if (!rule.endsWith('× default')) return value;
  const own = defaults[metric];
  return own === undefined ? undefined : value * own;
}

function breach(rail: Guardrail, figure: number, bound: number, workload: Workload): string {
  const unit = workload.metrics[rail.metric]?.unit ?? 'count';
  const limit = rail.rule.endsWith('× default')
    ? `${rail.value} × the default’s, ${formatValue(bound, unit)}`
    : formatValue(bound, unit);
  const side = isAtMost(rail) ? 'above' : 'below';
  return `${rail.metric} ${formatValue(figure, unit)} is ${side} ${limit} (${rail.why})`;
}
