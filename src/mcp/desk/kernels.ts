import { usageError } from '../../errors.js';
import { listKernels } from '../../lab/kernels/resolve.js';
import { nearHint } from '../../near.js';

/**
 * A release in the cache: the server opens no connection, so it fetches none, and it opens no file a caller names.
 * @throws TunesmithError (usage) for a kernel that is not there
 */
export async function cachedRelease(spec: string): Promise<string> {
  const { roles, kernels } = await listKernels();
  const releases = kernels.map(({ release }) => release);
  const role = roles.find((candidate) => candidate.role === spec);
  const found =
    role?.release ?? releases.findLast((release) => release === spec || release.startsWith(`${spec}.`));
  if (found !== undefined && found !== null) return found;
  const known = [...roles.flatMap(({ role: name, release }) => (release ? name : [])), ...releases];
  throw usageError(
    'kernel',
    spec,
    'is not in the cache, and this server fetches nothing',
    `${known.length > 0 ? nearHint(spec, known) : 'the cache is empty'}; a person may run tunesmith lab kernels --fetch`,
  );
}
