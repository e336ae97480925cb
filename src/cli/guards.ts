import { setTimeout as sleep } from 'node:timers/promises';
import { type MachineMetrics, machineMetrics } from '../change/metrics.js';
import type { StageRequest } from '../change/types.js';
import { usageError } from '../errors.js';
import { nearHint } from '../near.js';
import { SYSTEM_METRICS } from '../workloads/common.js';
import { SIGNATURE_METRICS } from '../workloads/signature.js';
import type { Guardrail } from '../workloads/types.js';

/** The figures of a machine that a guardrail can name. */
const METRICS = { ...SIGNATURE_METRICS, ...SYSTEM_METRICS };

/**
 * `runq_latency_p99_ns<=2x` (of what it is before), `idle_share>=0.1`.
 * @throws TunesmithError (usage) for another form, or a figure that this machine is not asked for
 */
export function guardrailFrom(text: string): Guardrail {
  const [, metric, side, number, times] = /^([a-z]\w*)(<=|>=)(\d+(?:\.\d+)?)(x?)$/.exec(text.trim()) ?? [];
  if (metric === undefined)
    throw usageError(
      '--guard',
      text,
      'is not METRIC<=NUMBER or METRIC>=NUMBER',
      "for example --guard 'runq_latency_p99_ns<=2x'",
    );
  if (!Object.hasOwn(METRICS, metric))
    throw usageError(
      '--guard',
      metric,
      'is no figure of this machine',
      nearHint(metric, Object.keys(METRICS)),
    );
  const rule = `${side === '<=' ? 'at most' : 'at least'}${times ? ' × default' : ''}` as Guardrail['rule'];
  return { metric, rule, value: Number(number), why: `--guard ${text}` };
}

/**
 * Runs `work` with guardrails and where their figures come from, after a second of the machine as it is: the first
 * figures need a window to be of.
 */
export async function guarded<T>(
  guardrails: readonly Guardrail[],
  note: (text: string) => void,
  work: (watch: Pick<StageRequest, 'guardrails' | 'metrics'>) => Promise<T>,
): Promise<T> {
  if (guardrails.length === 0) return work({ guardrails });
  using metrics: MachineMetrics = machineMetrics();
  if (metrics.refusal !== '') note(`no run-queue figures: ${metrics.refusal}`);
  await sleep(1000);
  return await work({ guardrails, metrics: metrics.source });
}
