import type { Outlier } from '../telemetry/outlier.js';
import { formatNs } from '../units.js';

/** An outlier in words: who waited how long, woken by whom, behind whom. */
export function outlierLine({ comm, tid, cpu, latencyNs, waker, before }: Outlier): string {
  const behind = before
    ? `behind ${before.comm} ${before.tid} that ran ${formatNs(before.ranNs)}`
    : 'while the CPU was idle';
  const woken = waker ? `, woken by ${waker.comm} ${waker.tid}` : '';
  return `${comm} ${tid} waited ${formatNs(latencyNs)} on cpu${cpu} ${behind}${woken}`;
}
