const MOST_LINES = 8;
const MOST_WIDTH = 160;

/**
 * Where two texts first differ, as a few lines of each (− recorded, + asked), after the line before; of texts as long as
 * each other only the lines that differ.
 */
export function firstDifference(before: readonly string[], after: readonly string[]): string {
  const shared = Math.min(before.length, after.length);
  let start = 0;
  while (start < shared && before[start] === after[start]) start++;
  let end = 0;
  while (end < shared - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const isPaired = before.length === after.length;
  const side = (lines: readonly string[], sign: string): string[] => {
    const block = lines.slice(start, lines.length - end);
    const changed = isPaired ? block.filter((_, i) => before[start + i] !== after[start + i]) : block;
    const shown = changed.slice(0, MOST_LINES).map((line) => `${sign} ${line.slice(0, MOST_WIDTH)}`);
    return changed.length > MOST_LINES ? [...shown, `${sign} … ${changed.length - MOST_LINES} more`] : shown;
  };
  const context = start > 0 ? [`  ${before[start - 1]?.slice(0, MOST_WIDTH)}`] : [];
  return [...context, ...side(before, '−'), ...side(after, '+')].join('\n');
}
