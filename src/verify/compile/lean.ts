import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../host/run.js';
import { bpftool } from './toolchain.js';

/**
 * The same policy without what only debuggers read: nine tenths of an object, and a fifth of the time an emulated CPU
 * takes to load it. One that bpftool's linker does not take stays as it is.
 * @throws TunesmithError (incapable) when there is no bpftool.
 */
export async function leanObject(object: Buffer): Promise<Buffer> {
  const { program } = await bpftool();
  const dir = mkdtempSync(join(tmpdir(), 'tunesmith-lean-'));
  try {
    const [from, to] = [join(dir, 'policy.bpf.o'), join(dir, 'lean.bpf.o')];
    writeFileSync(from, object);
    const { code } = await run(program, ['gen', 'object', to, from]);
    return code === 0 ? readFileSync(to) : object;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
