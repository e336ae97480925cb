import type { IncomingMessage } from 'node:http';

/** A request's body: JSON, none that can be read, or more than is taken. */
export type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'no-json' }
  | { readonly kind: 'too-long' };

/** Reads a body of at most `limit` bytes; of a longer one nothing further is read. */
export async function readBody(req: IncomingMessage, limit: number): Promise<Body> {
  if (Number(req.headers['content-length'] ?? 0) > limit) return { kind: 'too-long' };
  const text = await readText(req, limit);
  if (text === null) return { kind: 'too-long' };
  try {
    return { kind: 'json', value: JSON.parse(text) as unknown };
  } catch {
    return { kind: 'no-json' };
  }
}

/** By events: an iterator over the chunks costs more than all else here. */
const readText = (req: IncomingMessage, limit: number): Promise<string | null> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      req.off('data', onData).pause();
      chunks.length = 0;
      resolve(null);
    };
    req.on('data', onData);
    req.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    req.once('error', reject);
    req.once('close', () => reject(new Error('the client went away in the middle of its request')));
  });
