/** A word as a POSIX shell takes it, in quotes where they are needed. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** Words as one line that can be pasted into a shell. */
export const shellLine = (...words: readonly string[]): string => words.map(shellWord).join(' ');
