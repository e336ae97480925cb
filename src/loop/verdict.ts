import { formatSettings } from '../knobs/format.js';
import type { Objective } from '../tuners/types.js';
import { formatValue } from '../units.js';
import { gainOf } from './objective.js';
import type { Cycle } from './result.js';
import type { Best, Confirmation, Verdict } from './types.js';

/** What a verdict rests on. */
export interface Findings {
  readonly objective: Objective;
  readonly cycles: readonly Cycle[];
  /** The default's objective under the present load. */
  readonly before: number | null;
  readonly best: Best;
  readonly referee: Confirmation | null;
  readonly interrupted: boolean;
  /** Why this machine could not go on; null when it could. It says nothing of any setting. */
  readonly lost: string | null;
  /** Whether the referee was asked. */
  readonly confirmed: boolean;
}

/** A gain below this is not worth a change. */
const WORTH = 0.01;

/** A gain has to be: two figures that are neighbours in a histogram may be of two values that hardly differ. */
const leastGain = ({ resolution = 0 }: Objective): number => Math.max(WORTH, resolution);

/** The end of a run in one sentence a person can act on. Accepted only with the referee's confirmation. */
export function verdictOf(findings: Findings): Verdict {
  const { objective, interrupted, referee, best, lost } = findings;
  const gain = referee?.gain ?? 0;
  const { better, needed } = referee?.pairs ?? { better: 1, needed: 1 };
  const accepted =
    best.cycle !== 0 && gain >= leastGain(objective) && better >= needed && referee?.breaches.length === 0;
  const text = accepted && referee ? improved(findings, referee) : unaccepted(findings);
  const early = lost === null ? 'interrupted' : `ended early, for this machine failed (${lost})`;
  return {
    ...{ accepted, interrupted, tried: settingsTried(findings.cycles) },
    text: interrupted || lost !== null ? `${early}, the defaults are back; ${text}` : text,
  };
}

/** How many settings beside the default were measured. */
function settingsTried(cycles: readonly Cycle[]): number {
  const own = JSON.stringify(cycles[0]?.values);
  const measured = cycles.filter(({ outcome }) => outcome !== 'default' && outcome !== 'rejected');
  return new Set(measured.map(({ values }) => JSON.stringify(values)).filter((values) => values !== own))
    .size;
}

const improved = ({ objective, best }: Findings, referee: Confirmation): string => {
  const tally = referee.pairs ? ` (${pairs(referee.pairs)})` : '';
  const moved = change(objective, referee.default.objective, referee.best.objective);
  return `${moved}, referee-confirmed${tally}; set with ${formatSettings(best.values)}`;
};

function pairs({ better, of, needed }: NonNullable<Confirmation['pairs']>): string {
  const doubt = better >= needed ? '' : `, and it takes ${needed} to rule out chance`;
  return `better in ${better} of ${of} pairs of windows${doubt}`;
}

function unaccepted(findings: Findings): string {
  const { objective, cycles, before, best, referee, confirmed, interrupted, lost } = findings;
  if (cycles.length === 0) return 'nothing was measured';
  const tried = settingsTried(cycles);
  const settings = tried === 1 ? 'the one setting' : `the ${tried} settings`;
  if (tried === 0)
    return `keep the default (${shown(objective, before)}): ${cycles.length > 1 ? 'no other setting was tried' : 'nothing else was measured'}`;
  if (best.cycle === 0 || best.objective === null)
    return `keep the default (${shown(objective, before)}): none of ${settings} tried beat it`;
  const searchGain = gainOf(objective, before, best.objective);
  if (searchGain !== null && searchGain < leastGain(objective))
    return `keep the default (${shown(objective, before)}): nothing beat it by more than ${formatValue(searchGain, 'share')}, which is within error`;
  const found =
    before === null
      ? `${label(objective)} ${shown(objective, best.objective)} (the default gave no figure)`
      : change(objective, before, best.objective);
  const recipe = formatSettings(best.values);
  if (referee && referee.breaches.length > 0)
    return `keep the default: ${recipe} breaches a guardrail before the referee: ${referee.breaches.join('; ')}`;
  if (referee) {
    const moved = change(objective, referee.default.objective, referee.best.objective);
    const isStep = referee.gain !== null && referee.gain > 0 && referee.gain < (objective.resolution ?? 0);
    const step = isStep ? ', no more than a step of its histogram' : '';
    const tally = `${step}${referee.pairs ? `, ${pairs(referee.pairs)}` : ''}`;
    return `keep the default: the search found ${found} with ${recipe}, and the referee did not confirm it (${moved}${tally})`;
  }
  const noise = cycles[0]?.noise ?? 0;
  const within =
    searchGain !== null && searchGain < noise
      ? `, less than the noise of ${formatValue(noise, 'share')}`
      : '';
  const why =
    confirmed && !interrupted && lost === null ? 'the referee gave no figure' : 'not referee-confirmed';
  return `${found} while searching${within}, ${why}; try it with ${recipe}`;
}

/** "txn p99" for `txn_p99_ns`. */
const label = ({ metric }: Objective): string =>
  metric.replace(/_(ns|share|ratio)$/, '').replaceAll('_', ' ');

const shown = (objective: Objective, figure: number | null): string =>
  `${label(objective)} ${formatValue(figure, objective.unit)}`;

/** "txn p99 91.6 ms → 61 ms, −33 %" */
function change(objective: Objective, before: number, after: number): string {
  const share = before === 0 ? 0 : Math.round(((after - before) / Math.abs(before)) * 1000) / 10;
  const digits = Math.abs(share) >= 10 ? Math.round(share) : share;
  const sign = digits < 0 ? '−' : '+';
  return `${label(objective)} ${pair(objective, before, after)}, ${sign}${Math.abs(digits)} %`;
}

function pair({ unit }: Objective, before: number, after: number): string {
  const [from, to] = [formatValue(before, unit), formatValue(after, unit)];
  const tail = / \S+$/.exec(to)?.[0] ?? '';
  return tail !== '' && from.endsWith(tail) ? `${from.slice(0, -tail.length)} → ${to}` : `${from} → ${to}`;
}
