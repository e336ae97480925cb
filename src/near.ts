/** Levenshtein distance between two short names (unit cost for insert, delete, replace). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, replace));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The known names a mistyped one may have meant, nearest first, at most three. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const limit = Math.max(2, Math.ceil(name.length / 2));
  return known
    .map((candidate) => ({ candidate, cost: candidate.includes(name) ? 1 : distance(name, candidate) }))
    .filter(({ cost }) => cost <= limit)
    .sort((a, b) => a.cost - b.cost || a.candidate.localeCompare(b.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** "did you mean a, b?" or, with nothing near, "known: …" — the way out of an unknown name. */
export function nearHint(name: string, known: readonly string[]): string {
  const near = nearNames(name, known);
  return near.length > 0 ? `did you mean ${near.join(', ')}?` : `known: ${known.join(', ')}`;
}
