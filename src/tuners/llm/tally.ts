/** What went otherwise than planned, for the remarks of a run. */
export interface Tally {
  repaired: number;
  skipped: number;
  escalated: number;
  /** Why the tuner ended the run, if it did. */
  ended: string | null;
}

const times = (count: number, what: string): string[] => (count === 0 ? [] : [`${count} ${what}`]);

/** The tally as sentences. */
export function remarksOf(tally: Tally): readonly string[] {
  const counts = [
    ...times(tally.repaired, 'repaired after an unusable reply'),
    ...times(tally.skipped, 'skipped (the best so far stayed in force)'),
    ...times(tally.escalated, 'by the larger model'),
  ];
  return [
    ...(counts.length > 0 ? [`model decisions: ${counts.join(', ')}`] : []),
    ...(tally.ended === null ? [] : [`ended early with the best so far: ${tally.ended}`]),
  ];
}
