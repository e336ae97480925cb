import { formatNs } from '../units.js';

/** What is said of an outlier; `Outlier` and its JSON both have it. */
export interface OutlierFacts {
  readonly comm: string;
  readonly tid: number;
  readonly cpu: number;
  readonly latencyNs: number;
  readonly throttledNs: number;
  readonly waker: { readonly tid: number; readonly comm: string } | undefined;
  readonly before: { readonly tid: number; readonly comm: string; readonly ranNs: number } | undefined;
}

/** An outlier in parts: who waited how long, what a quota did, behind whom, woken by whom. */
function outlierParts({ comm, tid, cpu, latencyNs, throttledNs, waker, before }: OutlierFacts): string[] {
  const who = `${comm} ${tid}`;
  const waited = `waited ${formatNs(latencyNs)} on cpu${cpu}`;
  const held = throttledNs > 0 ? `throttled by its quota for ${formatNs(throttledNs)}` : '';
  return [
    throttledNs > latencyNs ? `${who} ${held}` : `${who} ${waited}`,
    throttledNs > latencyNs ? waited : held,
    before ? `behind ${before.comm} ${before.tid} that ran ${formatNs(before.ranNs)}` : '',
    before || throttledNs > 0 ? '' : 'while the CPU was idle',
    waker ? `woken by ${waker.comm} ${waker.tid}` : '',
  ].filter((part) => part !== '');
}

/** An outlier in words, on as many lines as its parts need at this width; those after the first are indented. */
export function outlierLines(outlier: OutlierFacts, width = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  for (const part of outlierParts(outlier)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(part);
    else if (last.length + 2 + part.length <= width) lines[lines.length - 1] = `${last}, ${part}`;
    else lines.push(`  ${part}`);
  }
  return lines;
}
