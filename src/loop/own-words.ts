import type { Tuner } from '../tuners/types.js';
import type { TuneResult } from './result.js';

/** What tuner and target have to say beside the figures, as a result keeps it; nothing where there is nothing. */
export function ownWords(
  tuner: Tuner,
  others: readonly string[] = [],
): Pick<TuneResult, 'remarks' | 'models'> {
  const said = [...others, ...(tuner.remarks?.() ?? [])];
  const models = (tuner.accounts?.() ?? []).map(({ latenciesMs, inputs: _, ...totals }) => ({
    ...totals,
    latenciesMs: latenciesMs.map(Math.round),
  }));
  return { ...(said.length > 0 ? { remarks: said } : {}), ...(models.length > 0 ? { models } : {}) };
}
