/** One line of progress, on stderr. Set-up says nothing when it has nothing to do. */
export type Say = (text: string) => void;

export const say: Say = (text) => {
  process.stderr.write(`setup: ${text}\n`);
};
