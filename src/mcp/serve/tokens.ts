import { createHash, timingSafeEqual } from 'node:crypto';
import { TunesmithError } from '../../errors.js';
import { ownSecret, readSecret } from '../../govern/secret.js';

/** Who a bearer token belongs to, or null. */
export type Authenticate = (authorization: string | undefined) => string | null;

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

const ENTRY = /^(?:([\w@.:-]{1,64})\s+)?(\S{16,512})$/;
const CALLER = 'agent:http';

/** Callers by token from text with one `[CALLER] TOKEN` a line. @throws TunesmithError (usage) for another form */
function entries(text: string, source: string): { caller: string; digest: Buffer }[] {
  const lines = text.split('\n').map((line) => line.trim());
  const found = lines.flatMap((line, i) => {
    if (line === '' || line.startsWith('#')) return [];
    const match = ENTRY.exec(line);
    if (!match)
      throw new TunesmithError('usage', `${source}: line ${i + 1} is not [CALLER] TOKEN`, {
        hint: 'a token has at least 16 characters: openssl rand -hex 32',
      });
    return [{ caller: match[1] ?? CALLER, digest: hash(match[2] as string) }];
  });
  if (found.length === 0) throw new TunesmithError('usage', `${source} has no token`);
  return found;
}

/**
 * Tokens from a file of mode 0600, else from TUNESMITH_MCP_TOKEN, else one that is made for this machine.
 * @returns how to tell callers apart, and where the token is when it was made here
 */
export function tokens(file: string | undefined): {
  readonly authenticate: Authenticate;
  readonly own?: string;
} {
  const given = process.env.TUNESMITH_MCP_TOKEN;
  if (file !== undefined) return { authenticate: checker(entries(readSecret(file), file)) };
  if (given !== undefined) return { authenticate: checker(entries(given, 'TUNESMITH_MCP_TOKEN')) };
  const { path, secret } = ownSecret('mcp.token');
  return { authenticate: checker(entries(secret, path)), own: path };
}

const checker =
  (known: readonly { caller: string; digest: Buffer }[]): Authenticate =>
  (authorization) => {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return null;
    const digest = hash(token);
    // All are compared, so the time tells nothing of which.
    const owners = known.filter((entry) => timingSafeEqual(entry.digest, digest));
    return owners[0]?.caller ?? null;
  };
