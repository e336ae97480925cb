import { gainOf } from '../loop/objective.js';
import { formatValue } from '../units.js';
import type { SynthesisResult } from './result.js';

type Part = Pick<SynthesisResult, 'case' | 'referee' | 'selection'> & {
  /** Policies that were not heard, for this very search found them. */
  readonly leftOut: readonly string[];
};

/** "× 3.1 lower" for people: how much better one figure is than another. */
export function betterBy(direction: 'lower' | 'higher', from: number, to: number): string {
  const [large, small] = direction === 'lower' ? [from, to] : [to, from];
  const ratio = small > 0 ? large / small : Number.NaN;
  if (ratio >= 1.5) return `${Number(ratio.toPrecision(2))} times ${direction}`;
  const gain = gainOf({ metric: '', direction, unit: 'count' }, from, to) ?? 0;
  const word = gain < 0 ? (direction === 'lower' ? 'higher' : 'lower') : direction;
  return `${Math.abs(100 * gain).toFixed(1)} % ${word}`;
}

/** The decision said plainly, with figures, and with what it was not measured against. */
export function answerOf(part: Part): string {
  const { leftOut } = part;
  if (leftOut.length === 0) return decisionOf(part);
  return `${decisionOf(part)} Not measured against ${leftOut.join(' and ')}: this very search found ${leftOut.length > 1 ? 'them' : 'it'} before.`;
}

function decisionOf({ case: where, referee, selection }: Part): string {
  const { objective, workload, cpus } = where;
  const { own, repository, finalists } = referee;
  const figure = (value: number | null): string => formatValue(value, objective.unit);
  const on = `${workload} on ${cpus} CPUs`;
  const of = (name: string) =>
    [own, ...repository, ...finalists].find((one) => one.name === name)?.score.value ?? null;
  const against = (name: string, rival: string): string => {
    const [value, other] = [of(name), of(rival)];
    if (value === null || other === null) return rival;
    return `${rival} ${figure(other)} (${betterBy(objective.direction, other, value)})`;
  };
  if (selection.decision === 'synthesized' && selection.policy !== null) {
    const rivals = [...new Set(['EEVDF', selection.reference])];
    const text = rivals.map((rival) => against(selection.policy as string, rival)).join(', ');
    return `Use the synthesized policy for ${on}: ${objective.metric} ${figure(of(selection.policy))}; ${text}.`;
  }
  const lost = Object.values(selection.objections)[0]?.[0];
  const why =
    lost === undefined ? 'no candidate reached the referee' : `even the best candidate will not do: ${lost}`;
  if (selection.decision === 'repository' && selection.policy !== null)
    return `Use policy ${selection.policy} as it is for ${on}: ${objective.metric} ${figure(of(selection.policy))}; ${against(selection.policy, 'EEVDF')}. Of what was synthesized, ${why}.`;
  return `Keep EEVDF for ${on}: ${objective.metric} ${figure(own.score.value)}, and no policy of the repository beats it by more than the spread. Of what was synthesized, ${why}.`;
}
