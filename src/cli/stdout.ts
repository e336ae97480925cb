import { EXIT, messageOf } from '../errors.js';

/**
 * Ends the process when its result cannot be written: a reader that closed the pipe (`| head`) is no error of ours, a
 * full disk is one, told in a sentence. What is staged is put back then, as at any other end. Remarks that cannot be
 * written are lost.
 */
export function guardOutput(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    process.stderr.write(`tunesmith: the result cannot be written to standard output: ${messageOf(error)}\n`);
    process.exit(EXIT.incapable);
  });
}
