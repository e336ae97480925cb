import type { Refereed } from './referee.js';
import type { SearchOutcome } from './search/search.js';
import type { Swept } from './stock.js';
import { type Score, STOPPED } from './types.js';

/** Something that this machine did not get measured, though it was tried again. */
export interface Missing {
  /** A policy's name, a candidate's id, EEVDF. */
  readonly name: string;
  readonly part: 'sweep' | 'search' | 'referee' | 'probes' | 'unseen loads';
  readonly why: string;
}

interface Parts {
  readonly sweep: { readonly own: Score; readonly policies: readonly Swept[] };
  readonly search: Pick<SearchOutcome, 'unmeasured'>;
  readonly referee: Refereed;
}

/**
 * All that an outcome lacks.
 * @param stopped why all of it was stopped, if it was; then of a search what was under way is no more missing than what
 * was never begun
 */
export function missingIn({ sweep, search, referee }: Parts, stopped?: string): Missing[] {
  const of = (part: Missing['part'], name: string, why: string | undefined): Missing[] =>
    why === undefined ? [] : [{ name, part, why: why === STOPPED ? (stopped ?? why) : why }];
  const heard = [referee.own, ...referee.repository, ...referee.before, ...referee.finalists];
  return [
    ...of('sweep', 'EEVDF', sweep.own.unmeasured),
    ...sweep.policies.flatMap(({ stock, unmeasured }) => of('sweep', stock.name, unmeasured)),
    ...(stopped === undefined ? search.unmeasured : []).flatMap((one) =>
      of('search', one.candidate, one.unmeasured),
    ),
    ...(referee.effort.seeds.length === 0 ? [] : heard).flatMap(({ name, score }) =>
      of('referee', name, score.unmeasured),
    ),
    ...referee.finalists.flatMap((one) => [
      ...of('probes', one.name, one.unchecked),
      ...of(
        'unseen loads',
        one.name,
        one.heldOut.map(({ own, score }) => own.unmeasured ?? score.unmeasured).find(Boolean),
      ),
    ]),
  ];
}
