import { gainOf } from '../loop/objective.js';
import { formatValue, signedPercent } from '../units.js';
import type { Missing } from './missing.js';
import type { SynthesisResult } from './result.js';
import type { Swept } from './stock.js';
import type { Tried } from './types.js';

type Part = Pick<SynthesisResult, 'case' | 'referee' | 'selection'> & {
  /** Policies that are no bar to this search, for it found them before. */
  readonly leftOut: readonly string[];
  /** Parts that were not done, with why. */
  readonly undone: readonly string[];
  readonly missing: readonly Missing[];
  /** The search's best, best first, by its own figures; and the sweep's. */
  readonly found: readonly Tried[];
  readonly swept: readonly Swept[];
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

/** The decision said plainly, with figures, and with what it does not rest on. */
export function answerOf(part: Part): string {
  return [decisionOf(part), ...beforeOf(part), ...undoneOf(part), ...missingOf(part)].join(' ');
}

/** That a policy is there which this very search found before. */
function beforeOf({ leftOut, selection, referee }: Part): string[] {
  const there = leftOut.filter((name) => name !== selection.policy);
  if (selection.decision === 'repository' && selection.policy !== null && leftOut.includes(selection.policy))
    return [`This very search found ${selection.policy} before.`];
  const measured = new Set(
    referee.before.flatMap(({ name, score }) => (score.unmeasured === undefined ? [name] : [])),
  );
  const heard = there.filter((name) => measured.has(name));
  const unheard = there.filter((name) => !measured.has(name));
  const isBeaten = selection.decision === 'synthesized';
  return [
    ...(heard.length > 0 && isBeaten
      ? [`Better than ${heard.join(' and ')} as well, found by this very search before.`]
      : []),
    ...(unheard.length > 0
      ? [`Not measured against ${unheard.join(' and ')}, found by this very search before.`]
      : []),
  ];
}

const undoneOf = ({ undone }: Part): string[] =>
  undone.length === 0
    ? []
    : [
        `Not done: ${undone.join('; ')}. \`--resume\` goes on from there, with a larger --budget where time was short.`,
      ];

function missingOf({ missing, undone }: Part): string[] {
  if (missing.length === 0) return [];
  const named = missing.map(({ name, part, why }) => `${name} (${part}: ${why})`);
  const most = 5;
  const more = named.length > most ? ` and ${named.length - most} more (result.json)` : '';
  return [
    `Not measured${undone.length > 0 ? ' by then' : ', for this machine did not get it done, tried three times'}: ${named.slice(0, most).join(', ')}${more}; with it the answer may be another.`,
  ];
}

function decisionOf({ case: where, referee, selection, found, swept }: Part): string {
  const { objective, workload, cpus } = where;
  const { own, repository, before, finalists } = referee;
  const figure = (value: number | null): string => formatValue(value, objective.unit);
  const on = `${workload} on ${cpus} CPUs`;
  const of = (name: string) =>
    [own, ...repository, ...before, ...finalists].find((one) => one.name === name)?.score.value ?? null;
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
  if (selection.decision === 'undecided') {
    const [best] = found;
    const soFar =
      best === undefined
        ? ''
        : ` The search’s best so far is ${best.candidate.id}, ${objective.metric} ${figure(best.score.value)} by its own windows, which no referee has seen.`;
    const [ranked] = swept;
    const stock =
      ranked === undefined || ranked.gain === null
        ? ''
        : ` By the sweep’s windows ${ranked.stock.name} is the best of the repository, ${objective.metric} ${figure(ranked.score.value)}, ${signedPercent(ranked.gain)}.`;
    return `Undecided for ${on}: too little was measured to recommend anything.${stock}${soFar}`;
  }
  const lost = Object.values(selection.objections)[0]?.[0];
  const why =
    lost === undefined ? 'no candidate reached the referee' : `even the best candidate will not do: ${lost}`;
  if (selection.decision === 'repository' && selection.policy !== null)
    return `Use policy ${selection.policy} as it is for ${on}: ${objective.metric} ${figure(of(selection.policy))}; ${against(selection.policy, 'EEVDF')}. Of what was synthesized, ${why}.`;
  return `Keep EEVDF for ${on}: ${objective.metric} ${figure(own.score.value)}, and no policy of the repository beats it by more than the spread. Of what was synthesized, ${why}.`;
}
