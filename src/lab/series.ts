import type { z } from 'zod';
import type { Measurement } from '../workloads/types.js';
import { type PolicyRun, policyReply, policyRun } from './policy.js';
import { attachRequest, stepRequest } from './step.js';
import { measureReply, type TrialSpec, toMeasurement } from './trial.js';

/** One window of a series. */
export interface SeriesWindow extends Measurement {
  /** What became of the policy up to its end; absent without one. */
  readonly policyRun?: PolicyRun;
}

/** Windows of one guest. */
export interface Series {
  /** To look it up in the cache. */
  readonly key: string;
  readonly windows: readonly SeriesWindow[];
}

/** What of a spec may differ from window to window. */
export type SeriesStep = Pick<TrialSpec, 'seed' | 'warmupNs'>;

/** The steps of a series: the policy, if there is one, is loaded once and stays; then the windows. */
export function seriesSteps(spec: TrialSpec, steps: readonly SeriesStep[], object?: Buffer): object[] {
  const { policy, ...bare } = spec;
  const windows = steps.map(({ seed, warmupNs }) => stepRequest({ ...bare, seed, warmupNs }));
  return policy ? [attachRequest(policy, object), ...windows] : windows;
}

/**
 * What a guest answers to those steps, up to the first window in which the policy did not hold.
 * @throws TunesmithError (rejected) when the kernel refused the policy.
 */
export async function seriesWindows(
  { policy }: Pick<TrialSpec, 'policy'>,
  replies: AsyncIterable<unknown>,
): Promise<SeriesWindow[]> {
  const windows: SeriesWindow[] = [];
  let attached: z.infer<typeof policyReply> | undefined;
  for await (const reply of replies) {
    if (policy && !attached) {
      attached = policyReply.parse(reply);
      policyRun(attached);
      continue;
    }
    const measured = measureReply.parse(reply);
    const run = attached && policyRun({ ...attached, ...measured.policy });
    windows.push({ ...toMeasurement(measured), ...(run && { policyRun: run }) });
    if (run?.held === false) break;
  }
  return windows;
}
