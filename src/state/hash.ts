import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** How much is hashed or written at a time: some milliseconds of work, after which others have their turn. */
export const SLICE = 1 << 20;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A large file's bytes from `start` on, slice by slice, read beside the event loop. */
export const fileSlices = (path: string, start = 0): AsyncIterable<Buffer> =>
  createReadStream(path, { start, highWaterMark: SLICE });

/** Bytes in slices, with a turn of the event loop after each. */
export async function* inSlices(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE) {
    yield bytes.subarray(at, at + SLICE);
    await turn();
  }
}

/** Passes on what it is given, and tells `hash` of it. */
export async function* hashing(slices: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const slice of slices) {
    hash.update(slice);
    yield slice;
  }
}

/** SHA-256 of slices, in hex digits. */
export async function sha256OfSlices(slices: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const slice of slices) hash.update(slice);
  return hash.digest('hex');
}

/** SHA-256 of a file, in hex digits; no other caller waits for it. @throws Error of open(2) or read(2) */
export const sha256Of = (path: string): Promise<string> => sha256OfSlices(fileSlices(path));
