/** A line of a difference: of both, of the first alone, of the second alone. */
export interface DiffLine {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** The shortest difference of two texts, line by line (longest common subsequence; for texts of some hundred lines). */
export function diffLines(a: string, b: string): DiffLine[] {
  const [left, right] = [a.split('\n'), b.split('\n')];
  const width = right.length + 1;
  const common = new Uint32Array((left.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] as number;
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--)
      common[i * width + j] =
        left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      lines.push({ mark: ' ', text: left[i] as string });
      i++;
      j++;
    } else if (j >= right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1)))
      lines.push({ mark: '-', text: left[i++] as string });
    else lines.push({ mark: '+', text: right[j++] as string });
  }
  return lines;
}

/** The lines that differ, with `around` lines before and after; what is left out is a line of "…". */
export function changedLines(lines: readonly DiffLine[], around = 2): string[] {
  const near = lines.map((_, i) =>
    lines.slice(Math.max(0, i - around), i + around + 1).some(({ mark }) => mark !== ' '),
  );
  return lines.flatMap(({ mark, text }, i) => {
    if (near[i]) return [`${mark} ${text}`];
    return i === 0 || near[i - 1] ? ['  …'] : [];
  });
}
