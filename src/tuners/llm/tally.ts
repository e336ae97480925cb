/** What went otherwise than planned, for the remarks of a run. */
export interface Tally {
  repaired: number;
  skipped: number;
  /** Decisions for settings that were measured before. */
  known: number;
  /** Windows that the rules decided. */
  rules: number;
  escalated: number;
  /** Why the model is not asked any more, if it is not. */
  ended: string | null;
  /** Whether the rules went on without it. */
  rulesGoOn: boolean;
}

export const newTally = (): Tally => ({
  ...{ repaired: 0, skipped: 0, known: 0, rules: 0, escalated: 0, ended: null, rulesGoOn: false },
});

const times = (count: number, what: string): string[] => (count === 0 ? [] : [`${count} ${what}`]);

/** The tally as sentences. */
export function remarksOf(tally: Tally): readonly string[] {
  const counts = [
    ...times(tally.repaired, 'repaired after an unusable reply'),
    ...times(tally.skipped, tally.rules > 0 ? 'unusable' : 'skipped (the best so far stayed in force)'),
    ...times(tally.known, 'for settings that were known'),
    ...times(tally.escalated, 'by the larger model'),
  ];
  const ended = tally.rulesGoOn
    ? 'the model was not asked to the end, the expert’s rules went on'
    : 'ended early with the best so far';
  return [
    ...(counts.length > 0 ? [`model decisions: ${counts.join(', ')}`] : []),
    ...(tally.rules > 0 ? [`windows decided by the expert’s rules: ${tally.rules}`] : []),
    ...(tally.ended === null ? [] : [`${ended}: ${tally.ended}`]),
  ];
}
